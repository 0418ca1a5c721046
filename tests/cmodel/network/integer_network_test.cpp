// Integer networks: what is refused, and operations on values worked out by hand.
#include "cmodel/network/integer_execution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

// One pixel, one channel, weight 3, 2 * 3 + 1 = 7, halved: 3.5, to 4.
IntegerNetwork tiny_network() {
  IntegerNetwork network;
  network.tensors = {{"in", 1, 1, 1, OperandFormat::uint8, 1.0F},
                     {"out", 1, 1, 1, OperandFormat::sign_magnitude8, 1.0F}};
  Requantization requantization;
  requantization.channels = {channel_requantization(0.5, 1.0, 1)};
  network.nodes = {{"layer", IntegerConvolution{{}, {3}, requantization}, {0}, 1}};
  network.inputs = {0};
  network.output = 1;
  return network;
}

Codes run(const IntegerNetwork& network, const std::vector<Codes>& inputs) {
  ReferenceEngine engine;
  return run_integer_network(network, inputs, 1, make_product_table("exact"), engine);
}

TEST(IntegerNetwork, ComputesAConvolution) {
  EXPECT_THAT(run(tiny_network(), {{2}}), ElementsAre(4));
  IntegerNetwork twin = tiny_network();
  std::get<IntegerConvolution>(twin.nodes[0].operation).weights[0] = 4;
  EXPECT_THAT(run(twin, {{2}}), ElementsAre(5));  // (8 + 1) / 2 = 4.5, ties upwards
}

TEST(IntegerNetwork, DefectsAreNamed) {
  const auto expect_refused = [](std::initializer_list<std::string> parts, const auto& change) {
    IntegerNetwork network = tiny_network();
    change(network, std::get<IntegerConvolution>(network.nodes[0].operation));
    test::expect_error(ErrorKind::usage, parts, [&] { network.validate(); });
  };
  using Network = IntegerNetwork;
  using Layer = IntegerConvolution;
  expect_refused({"layer", "1 weights"}, [](Network&, Layer& l) { l.weights.push_back(1); });
  expect_refused({"layer", "-255..255"}, [](Network&, Layer& l) { l.weights[0] = 256; });
  expect_refused({"layer", "'in'", "1x2x1"},
                 [](Network&, Layer& l) { l.problem.input_height = 2; });
  expect_refused({"layer", "bounds within uint8"},
                 [](Network& n, Layer&) { n.tensors[1].format = OperandFormat::uint8; });
  expect_refused({"layer", "1 channels"},
                 [](Network&, Layer& l) { l.requantization.channels.clear(); });
  expect_refused({"tensor 7", "below 2"}, [](Network& n, Layer&) { n.nodes[0].inputs = {7}; });
  expect_refused({"written twice"}, [](Network& n, Layer&) { n.nodes.push_back(n.nodes[0]); });
  expect_refused({"before it is computed"}, [](Network& n, Layer&) { n.inputs.clear(); });
  expect_refused({"not computed"}, [](Network& n, Layer&) { n.nodes.clear(); });
}

TEST(IntegerNetwork, InputsThatDoNotFitAreNamed) {
  test::expect_error(ErrorKind::usage, {"'in'", "-1", "uint8"},
                     [] { run(tiny_network(), {{-1}}); });
  test::expect_error(ErrorKind::usage, {"'in'", "2 codes", "1 expected"}, [] {
    run(tiny_network(), {{1, 1}});
  });
  test::expect_error(ErrorKind::usage, {"1 inputs expected"}, [] { run(tiny_network(), {}); });
}

// 2 to 4 pixels: step = ceil(65536 / 3) = 21846; positions 0, 21846, 43692, 65538; weights of the
// second pixel 0, 85, 170, 0 of 256, and the last position is the second pixel itself.
TEST(IntegerNetwork, InterpolatesInFixedPoint) {
  EXPECT_THAT(upsample_bilinear({0, 255}, 1, {1, 2}, {1, 4}), ElementsAre(0, 85, 169, 255));
  EXPECT_THAT(upsample_bilinear({0, -255}, 1, {1, 2}, {1, 4}), ElementsAre(0, -85, -169, -255));
  EXPECT_THAT(upsample_bilinear({7}, 1, {1, 1}, {2, 2}), ElementsAre(7, 7, 7, 7));
  EXPECT_THAT(upsample_bilinear({5, 9}, 1, {2, 1}, {1, 1}), ElementsAre(5));
}

TEST(IntegerNetwork, PoolsWhatLiesInside) {
  EXPECT_THAT(max_pool({-3, -2, -5, -9}, 1, {2, 2}, {3, 3, 2, 1}), ElementsAre(-2));
  Requantization quarter;
  quarter.channels = {channel_requantization(0.25, 1.0, 0)};
  EXPECT_THAT(average_pool({1, 2, 3, 5}, 1, {2, 2}, {2, 2, 2, 0, quarter}),
              ElementsAre(3));  // 2.75
}

}  // namespace
}  // namespace mbm
