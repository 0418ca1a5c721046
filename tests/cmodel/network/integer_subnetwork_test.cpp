// Parts of integer networks: which nodes, which inputs, and that they compute what the whole does.
#include "cmodel/network/integer_subnetwork.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmodel/network/integer_execution.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

IntegerNode convolution(const char* name, std::int16_t weight, std::size_t input,
                        std::size_t output) {
  ConvolutionProblem problem;
  problem.input_height = problem.input_width = 2;
  Requantization requantization;
  requantization.channels = {channel_requantization(0.5, 1.0, 0)};
  return {name, IntegerConvolution{problem, {weight}, requantization}, {input}, output};
}

// in -> a -> pool -> b -> pool2 -> c -> pool3, all of one channel; pools of one pixel keep the
// size.
IntegerNetwork chain() {
  IntegerNetwork network;
  for (const char* name : {"in", "a", "pool", "b", "pool2", "c", "pool3"}) {
    network.tensors.push_back({name, 1, 2, 2, OperandFormat::sign_magnitude8, 1.0F});
  }
  network.nodes = {convolution("a", 3, 0, 1), {"pool", IntegerMaxPool{}, {1}, 2},
                   convolution("b", 5, 2, 3), {"pool2", IntegerMaxPool{}, {3}, 4},
                   convolution("c", 7, 4, 5), {"pool3", IntegerMaxPool{}, {5}, 6}};
  network.inputs = {0};
  network.output = 6;
  return network;
}

// By the chosen convolutions a, b, c.
std::vector<std::size_t> nodes(bool a, bool b, bool c) {
  return nodes_between(chain(), {a, false, b, false, c, false});
}

TEST(IntegerSubnetwork, OperationsBetweenChosenConvolutionsBelongToThem) {
  EXPECT_THAT(nodes(true, true, true), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(nodes(true, true, false), ElementsAre(0, 1, 2));  // pool2 leads to c only
  EXPECT_THAT(nodes(false, true, true), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(nodes(true, false, true), ElementsAre(0, 4, 5));
  EXPECT_THAT(nodes(false, true, false), ElementsAre(2));
}

TEST(IntegerSubnetwork, PartsComputeWhatTheWholeDoes) {
  const IntegerNetwork whole = chain();
  const ProductTable table = make_product_table("exact");
  ReferenceEngine engine;
  std::vector<Codes> tensors(whole.tensors.size());
  tensors[0] = {1, -2, 30, 17};
  run_integer_network(
      whole, {tensors[0]}, 1, table, engine,
      [&](std::size_t node, const Codes& codes) { tensors[whole.nodes[node].output] = codes; });
  for (std::size_t first = 0; first < whole.nodes.size(); ++first) {
    for (std::size_t end = first + 1; end <= whole.nodes.size(); ++end) {
      std::vector<std::size_t> range;
      for (std::size_t i = first; i < end; ++i) range.push_back(i);
      const IntegerSubnetwork part = extract_subnetwork(whole, range);
      ASSERT_EQ(part.network.inputs.size(), 1U);
      const std::size_t given = part.tensors[part.network.inputs[0]];
      EXPECT_EQ(given, whole.nodes[first].inputs[0]);
      EXPECT_EQ(part.nodes, range);
      Codes input = tensors[given];
      const Codes& want = tensors[part.tensors[part.network.output]];
      EXPECT_EQ(run_integer_network(part.network, {input}, 1, table, engine), want);
      input[0] = static_cast<std::int16_t>(input[0] + 40);
      EXPECT_NE(run_integer_network(part.network, {input}, 1, table, engine), want);
    }
  }
}

}  // namespace
}  // namespace mbm
