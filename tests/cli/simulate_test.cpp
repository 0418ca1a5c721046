// mbm simulate as a user meets it: agreement with the CPU and with the cycle model, a mismatch,
// what it writes, waves, bad input.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "cmodel/multiplier/product_table.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/data.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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

  // Of a run that must succeed.
  static json simulated(const std::string& arguments) {
    const test::CommandResult result = simulate("--format json " + arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << ": " << result.error;
    return result.exit_code == 0 ? json::parse(result.output) : json::object();
  }

  // A table that no family has: products whose two lowest odd bits depend on the operands.
  static std::string own_table() {
    std::string csv = "A,B,P\n";
    for (int a = 0; a < 256; ++a) {
      for (int b = 0; b < 256; ++b) {
        const int product = a * b == 0 ? 0 : (a * b) ^ ((a ^ 2 * b) & 5);  // a * b is not b * a
        csv += std::to_string(a) + "," + std::to_string(b) + "," +
               std::to_string(std::min(product, 65535)) + "\n";
      }
    }
    const fs::path path = *folder_ / "own.csv";
    test::write_bytes(path, csv);
    return path.string();
  }

  static std::unique_ptr<test::TemporaryFolder> folder_;
  static std::string inputs_;
};
std::unique_ptr<test::TemporaryFolder> SimulateCommand::folder_;
std::string SimulateCommand::inputs_;

// What every run that succeeds must show.
void expect_whole(const json& document) {
  EXPECT_EQ(document.at("schema"), "mbm.simulation");
  EXPECT_EQ(document.at("mismatches"), 0);
  EXPECT_EQ(document.at("counters"), document.at("predicted_counters"));
  std::int64_t products = 0;
  std::int64_t cycles = 0;
  std::int64_t compared = 0;
  for (const json& layer : document.at("layers")) {
    EXPECT_EQ(layer.at("predicted_cycles"), layer.at("cycles")) << layer;
    std::int64_t causes = 0;
    for (const json& cause : layer.at("causes")) causes += cause.get<std::int64_t>();
    EXPECT_EQ(causes, layer.at("cycles")) << layer;
    products += layer.at("products").get<std::int64_t>();
    cycles += layer.at("cycles").get<std::int64_t>();
    compared += layer.at("compared").get<std::int64_t>();
  }
  EXPECT_EQ(document.at("counters").at("CYCLES"), cycles);
  EXPECT_EQ(document.at("total").at("products"), products);
  EXPECT_EQ(document.at("compared"), compared);
}

// The last layers, chained on the Verilog, with each kind of element.
TEST_F(SimulateCommand, ChainedLayersEqualTheCpusWithEveryCell) {
  const auto network = make_network("densedepth-mobilenetv2-small");
  for (const std::string cell : {"log", "exact", "lut"}) {
    const json document = simulated("--layers up5.convB,conv3 --cell " + cell);
    ASSERT_FALSE(document.empty());
    expect_whole(document);
    ASSERT_EQ(document.at("layers").size(), 2U);
    for (const json& layer : document.at("layers")) {
      const ConvolutionProblem& problem =
          network->layers()[network->layer_index(layer.at("layer").get<std::string>())].problem;
      EXPECT_EQ(layer.at("products"), problem.product_count());
      EXPECT_EQ(layer.at("compared"), problem.output_count());
      EXPECT_EQ(layer.at("measured_cycles"), layer.at("cycles"));
      EXPECT_NEAR(layer.at("utilization").get<double>(),
                  layer.at("products").get<double>() / layer.at("cycles").get<double>() / 256,
                  1e-12);
    }
    EXPECT_EQ(document.contains("table_crc32"), cell == "lut");
  }
}

// Skips, concatenations, upsampling, depthwise and strided layers, by the models.
TEST_F(SimulateCommand, TheWholeNetworkOnTheModels) {
  const json document = simulated("--device model --array 32x32");
  ASSERT_FALSE(document.empty());
  expect_whole(document);
  EXPECT_GT(document.at("layers").size(), 66U);
}

TEST_F(SimulateCommand, PartsAndMemoriesChangeCyclesButNoCode) {
  const json whole = simulated("--layers up5.convB,conv3");
  const json slow = simulated("--layers up5.convB,conv3 --latency 300 --bytes-per-cycle 8");
  const json parts = simulated("--layers up5.convB,conv3 --parts 2 --threads 2");
  const json stalls = simulated("--layers conv3 --stalls 0.3");
  for (const json& one : {whole, slow, parts}) expect_whole(one);
  EXPECT_GT(slow.at("counters").at("CYCLES"), whole.at("counters").at("CYCLES"));
  EXPECT_EQ(parts.at("parts"), 2);
  EXPECT_EQ(parts.at("compared"), whole.at("compared"));
  EXPECT_EQ(stalls.at("mismatches"), 0);
  EXPECT_TRUE(stalls.at("predicted_counters").is_null());
}

TEST_F(SimulateCommand, AMismatchIsNamedAndFails) {
  const test::CommandResult result = simulate("--layers conv3 --golden mitchell --format json");
  EXPECT_EQ(result.exit_code, 1);
  const json document = json::parse(result.output);
  EXPECT_GT(document.at("mismatches"), 0);
  const json& first = document.at("first_mismatch");
  EXPECT_NE(first.at("got"), first.at("want"));
  EXPECT_LT(first.at("first_wrong_write_in_cycle"), document.at("counters").at("CYCLES"));
  for (const char* part : {"mbm: layer conv3, image 00000: channel 0, y ", ", x ", ": got ",
                           ", want ", " codes differ)"}) {
    EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
  }
}

// A table of our own, loaded at run time, is what the grid computes with; another one is found.
TEST_F(SimulateCommand, ATableOfOurOwnIsReadBackAndComputedWith) {
  const std::string table = own_table();
  const json document = simulated("--layers conv3 --cell lut --multiplier " + table);
  ASSERT_FALSE(document.empty());
  expect_whole(document);
  EXPECT_EQ(document.at("table_crc32").at("read_back"), document.at("table_crc32").at("written"));
  const json other = simulated("--layers conv3 --cell lut --multiplier mitchell");
  EXPECT_NE(document.at("table_crc32").at("read_back"), other.at("table_crc32").at("read_back"));
  EXPECT_EQ(simulate("--layers conv3 --cell lut --golden mbm --multiplier " + table).exit_code, 1);
}

TEST_F(SimulateCommand, ATableOfEvoApproxLib) {
  const fs::path archive = test::data_folder() / "evoapprox" / "mul8u_lut.npz";
  MBM_REQUIRE_DATA(archive);
  const json document =
      simulated("--layers conv3 --cell lut --multiplier " + archive.string() + ":mul8u_2AC");
  ASSERT_FALSE(document.empty());
  expect_whole(document);
  EXPECT_EQ(document.at("table_crc32").at("read_back"), document.at("table_crc32").at("written"));
}

// An FST file begins with a header of 329 bytes: kind 0, length, first and last time, big-endian.
struct FstTimes {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
FstTimes times_of(const fs::path& path) {
  const std::string bytes = test::read_bytes(path);
  if (bytes.size() < 330 || bytes[0] != 0) return {};
  const auto number = [&](std::size_t place) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
      value = value << 8 | static_cast<std::uint8_t>(bytes[place + i]);
    return value;
  };
  return {number(9), number(17)};
}

TEST_F(SimulateCommand, WavesOfTheCyclesThatAreAskedFor) {
  const fs::path wave = *folder_ / "window.fst";
  const test::CommandResult result =
      simulate("--layers conv3 --wave-cycles 1000:1100 --wave " + wave.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.output.find("cycles 1000:1100"), std::string::npos) << result.output;
  EXPECT_EQ(times_of(wave).first, 10000U);
  EXPECT_EQ(times_of(wave).last, 10995U);
  EXPECT_FALSE(fs::exists(wave.string() + ".part"));
}

TEST_F(SimulateCommand, WavesOfTheLastCyclesBeforeAMismatch) {
  const fs::path wave = *folder_ / "last.fst";
  const test::CommandResult result = simulate(
      "--layers conv3 --golden mitchell --format json --wave-last 200 --wave " + wave.string());
  EXPECT_EQ(result.exit_code, 1);
  const json document = json::parse(result.output);
  const auto wrong =
      document.at("first_mismatch").at("first_wrong_write_in_cycle").get<std::uint64_t>();
  EXPECT_EQ(times_of(wave).first, 10 * (wrong - 199));
  EXPECT_EQ(times_of(wave).last, 10 * wrong + 5);
  const fs::path none = *folder_ / "none.fst";
  const test::CommandResult equal =
      simulate("--layers conv3 --wave-last 200 --wave " + none.string());
  EXPECT_EQ(equal.exit_code, 0) << equal.error;
  EXPECT_FALSE(fs::exists(none));
}

TEST_F(SimulateCommand, ResultsAndProfile) {
  const fs::path out = *folder_ / "out";
  const test::CommandResult result = simulate("--layers conv3 --profile --out " + out.string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  for (const char* part : {"evaluation of the Verilog", "model of the memory", "Mproducts/s",
                           "all 17 counters are the cycle model's", " 0 mismatches"}) {
    EXPECT_NE(result.output.find(part), std::string::npos) << result.output;
  }
  const std::string csv = test::read_bytes(out / "result.csv");
  EXPECT_EQ(csv.substr(0, 6), "Layer,");
  EXPECT_NE(csv.find("\nconv3,convolution,"), std::string::npos) << csv;
  EXPECT_EQ(json::parse(test::read_bytes(out / "result.json")).at("schema"), "mbm.simulation");
  const std::string roofline = test::read_bytes(out / "roofline.svg");
  EXPECT_NE(roofline.find("<title>conv3: "), std::string::npos);
  EXPECT_TRUE(roofline.ends_with("</svg>\n"));
}

TEST_F(SimulateCommand, BadInputIsNamed) {
  const std::string missing = (*folder_ / "missing.csv").string();
  const std::string broken = (*folder_ / "broken.csv").string();
  test::write_bytes(broken, "A,B,P\n0,0,0\n");
  const fs::path nan = *folder_ / "nan.safetensors";
  auto parameters = test::random_parameters(*make_network("densedepth-mobilenetv2-small"), 5);
  parameters.begin()->second.flatten()[0] = std::numeric_limits<float>::quiet_NaN();
  write_safetensors(nan, parameters);
  struct Case {
    std::string arguments;
    int exit_code;
    std::string part;
  };
  const std::vector<Case> cases = {
      {"--layers up5.convX", 2, "up5.convX"},
      {"--layers conv3 --cell analog", 2, "analog"},
      {"--layers conv3 --cell exact --multiplier mbm", 2, "products of exact only"},
      {"--layers conv3 --multiplier drum:6", 2, "mitchell, mbm, mbm-ref"},
      {"--layers conv3 --array 4x8", 2, "accelerator 4x8-log-mbm is not built; built: 16x16"},
      {"--layers conv3 --array 17x16", 2, "rows is 17"},
      {"--layers conv3 --array 16", 2, "--array: '16' found"},
      {"--layers conv3 --array 64x64", 2, "rows is 64"},
      {"--layers conv3 --images 2", 2, "--images: '2' found"},
      {"--layers conv3 --memory 1000", 2, "memory: 1000 bytes found"},
      {"--layers conv3 --latency 0", 2, "--latency"},
      {"--layers conv3 --bytes-per-cycle -1", 2, "--bytes-per-cycle"},
      {"--layers conv3 --bytes-per-cycle nan", 2, "--bytes-per-cycle"},
      {"--layers conv3 --stalls 1", 2, "--stalls"},
      {"--layers conv3 --device model --stalls 0.5", 2, "--stalls"},
      {"--layers conv3 --cell lut --multiplier " + missing, 3, "missing.csv"},
      {"--layers conv3 --cell lut --multiplier " + broken, 3, "broken.csv"},
      {"--layers conv3 --wave x.fst", 2, "--wave-last"},
      {"--layers conv3 --wave-last 5", 2, "--wave FILE.fst"},
      {"--layers conv3 --wave x.fst --wave-cycles 5:5", 2, "--wave-cycles"},
      {"--layers conv3 --wave /nowhere/x.fst --wave-cycles 1:5", 3, "/nowhere/x.fst"},
      {"--layers conv3 --stalls nan", 2, "--stalls"},
      {"--layers conv3 --wave x.fst --wave-cycles 90000000:90000001", 2, "the run ends after"},
  };
  for (const Case& one : cases) {
    const test::CommandResult result = simulate(one.arguments);
    EXPECT_EQ(result.exit_code, one.exit_code) << one.arguments << result.error;
    EXPECT_EQ(result.output, "") << one.arguments;
    EXPECT_NE(result.error.find(one.part), std::string::npos) << result.error;
  }
  const test::CommandResult result =
      test::run_mbm("simulate --layers conv3 --weights " + nan.string());
  EXPECT_EQ(result.exit_code, 3) << result.error;
}

// LeNet-5 as published weights and digits have it.
TEST(SimulateLeNet, AllFiveLayersWithEveryCell) {
  const fs::path weights = test::data_folder() / "lenet" / "lenet5.npz";
  const fs::path digits = test::data_folder() / "mnist";
  MBM_REQUIRE_DATA(weights);
  MBM_REQUIRE_DATA(digits);
  for (const std::string cell : {"log", "exact", "lut"}) {
    const test::CommandResult result =
        test::run_mbm("simulate --network lenet5 --format json --weights " + weights.string() +
                      " --data " + digits.string() + " --cell " + cell);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const json document = json::parse(result.output);
    expect_whole(document);
    const json& layers = document.at("layers");
    EXPECT_EQ(
        std::count_if(layers.begin(), layers.end(),
                      [](const json& layer) { return layer.at("operation") == "convolution"; }),
        5);
  }
}

}  // namespace
}  // namespace mbm
