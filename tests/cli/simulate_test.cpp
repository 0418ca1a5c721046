// mbm simulate as a user meets it: agreement with the golden model, a mismatch, bad input.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

// Random weights for the embedded network's topology and one room.
class SimulateCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryFolder>();
    const fs::path weights = *folder_ / "weights.safetensors";
    const fs::path data = *folder_ / "rooms";
    write_safetensors(weights,
                      test::random_parameters(*make_network("densedepth-mobilenetv2-small"), 5));
    ASSERT_EQ(test::run_mbm("rooms --count 1 --seed 77 --out " + data.string()).exit_code, 0);
    inputs_ = " --weights " + weights.string() + " --data " + data.string() + " ";
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static test::CommandResult simulate(const std::string& arguments) {
    return test::run_mbm("simulate" + inputs_ + arguments);
  }

  static std::unique_ptr<test::TemporaryFolder> folder_;
  static std::string inputs_;
};
std::unique_ptr<test::TemporaryFolder> SimulateCommand::folder_;
std::string SimulateCommand::inputs_;

// A standard, a pointwise, a depthwise and a strided convolution, all tiles.
TEST_F(SimulateCommand, WholeLayersEqualTheGoldenModel) {
  const auto network = make_network("densedepth-mobilenetv2-small");
  for (const std::string layer : {"conv3", "conv2", "7.conv.1.0", "0.0"}) {
    const test::CommandResult result = simulate("--format json --layer " + layer);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const nlohmann::json document = nlohmann::json::parse(result.output);
    EXPECT_EQ(document.at("schema"), "mbm.array-simulation");
    EXPECT_EQ(document.at("mismatches"), 0) << layer;
    const ConvolutionProblem& problem = network->layers()[network->layer_index(layer)].problem;
    EXPECT_EQ(document.at("products"), problem.product_count()) << layer;
    EXPECT_EQ(document.at("compared"), problem.output_count()) << layer;
    EXPECT_GE(document.at("cycles").get<std::int64_t>() * 256, problem.product_count()) << layer;
    EXPECT_NEAR(document.at("utilization").get<double>(),
                document.at("products").get<double>() / document.at("cycles").get<double>() / 256,
                1e-12);
  }
}

TEST_F(SimulateCommand, RangesOfTilesAndEveryMultiplier) {
  for (const std::string multiplier : {"mbm", "mbm-ref", "mitchell"}) {
    const test::CommandResult result =
        simulate("--layer up5.convB --tiles 2:4 --multiplier " + multiplier);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.output.find("weight tiles        2:4 of "), std::string::npos)
        << result.output;
    EXPECT_NE(result.output.find(", 0 mismatches"), std::string::npos) << result.output;
  }
}

TEST_F(SimulateCommand, AMismatchIsNamedAndFails) {
  const test::CommandResult result = simulate("--layer conv3 --golden mitchell --format json");
  EXPECT_EQ(result.exit_code, 1);
  const nlohmann::json document = nlohmann::json::parse(result.output);
  EXPECT_GT(document.at("mismatches"), 0);
  const nlohmann::json& first = document.at("first_mismatch");
  EXPECT_NE(first.at("got"), first.at("want"));
  for (const char* part : {"mbm: layer conv3, image 00000: channel 0, y ", ", x ", ": got ",
                           ", want ", " accumulators differ)"}) {
    EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
  }
}

TEST_F(SimulateCommand, BadInputIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"--layer up5.convX", "up5.convX"},
      {"--layer conv3 --multiplier exact", "mbm-ref"},
      {"--layer conv3 --image 1", "--image: 1 found, 0..0 expected"},
      {"--layer conv3 --tiles 0:1000", "--tiles: '0:1000' found"},
      {"--layer conv3 --tiles 3:3", "--tiles: '3:3' found"},
      {"", "--layer"},
  };
  for (const auto& [arguments, part] : cases) {
    const test::CommandResult result = simulate(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_EQ(result.output, "") << arguments;
    EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
  }
}

}  // namespace
}  // namespace mbm
