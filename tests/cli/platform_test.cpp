// Platforms as a user meets them: configurations, results, sweeps that are taken up again, a hang.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/command.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::Test;

class PlatformCommand : public Test {
 protected:
  // Writes a configuration and runs LeNet-5 on it.
  test::CommandResult simulate(const std::string& toml, const std::string& arguments = "") {
    test::write_bytes(folder_ / "platform.toml", toml);
    return test::run_mbm("simulate --network lenet5 --platform " + file() + " " + arguments);
  }
  test::CommandResult sweep(const std::string& arguments) {
    return test::run_mbm("-q sweep platform --network lenet5 --platform " + file() + " " +
                         arguments);
  }
  std::string file() const { return (folder_ / "platform.toml").string(); }

  test::TemporaryFolder folder_;
};

TEST_F(PlatformCommand, AllLayersWithTheResultsOfTheEngine) {
  const auto result = simulate("[platform]\narrays = 2\n", "--format json");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document.at("schema"), "mbm.platform");
  EXPECT_TRUE(document.at("results_checked"));
  // LeCun et al., 1998, with 5x5 kernels on 32x32: products of C1, C3, C5, F6 and the output.
  std::int64_t products = 0;
  for (const auto& layer : document.at("layers")) {
    products += layer.at("products").get<std::int64_t>();
  }
  EXPECT_EQ(products, document.at("platform").at("Products per Image"));
  EXPECT_EQ(document.at("platform").at("Arrays"), 2);
  EXPECT_TRUE(document.at("platform").at("Energy (pJ)").is_null());
  // Without data it takes the same time, and the same twice.
  const auto timed = simulate("[platform]\narrays = 2\ndata = false\n", "--format csv");
  ASSERT_EQ(timed.exit_code, 0) << timed.error;
  EXPECT_EQ(timed.output, simulate("[platform]\narrays = 2\n", "--format csv").output);
}

TEST_F(PlatformCommand, MistakesOfTheFileAreNamedWithTheirLine) {
  const auto expect = [&](const std::string& toml, const std::string& message) {
    const auto result = simulate(toml);
    EXPECT_EQ(result.exit_code, 3) << toml;
    EXPECT_NE(result.error.find(file() + message), std::string::npos) << result.error;
    EXPECT_EQ(result.output, "");
  };
  expect("[memory]\n\nbytes_per_cycel = 4\n",
         ":3: there is no key memory.bytes_per_cycel; did you mean memory.bytes_per_cycle?");
  expect("[memory]\nbanks = 2.5\n", ":2: memory.banks: 2.5 found, a whole number expected");
  expect("[memory]\npolicy = \"best\"\n", ":2: memory.policy: best found, one of \"first-come\"");
  expect("[platform]\ndata = 1\n", ":2: platform.data: 1 found, true or false expected");
  expect("[sweep]\nmemory.banks = 4\n", ":2: memory.banks: an array of values expected");
  expect("[sweep]\nmemory.bank = [4]\n", ":2: there is no key memory.bank");
  expect("[memory\n", ":1: ");
  EXPECT_EQ(test::run_mbm("simulate --network lenet5 --platform /nowhere.toml").exit_code, 3);
  const auto range = simulate("[memory]\nbytes_per_cycle = -1\n");
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_NE(range.error.find("memory bytes_per_cycle is -1"), std::string::npos) << range.error;
}

TEST_F(PlatformCommand, AHangEndsWithItsReport) {
  const auto result = simulate("[platform]\npatience = 10000\n[interconnect]\ndrop_request = 40\n");
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_NE(result.error.find("deadlock: nothing has gone on since cycle"), std::string::npos);
  EXPECT_NE(result.error.find("interconnect: "), std::string::npos);
  // And a bit that is flipped, with another code.
  const auto flipped = simulate("[interconnect]\nflip_request = 20\n");
  EXPECT_EQ(flipped.exit_code, 1);
  EXPECT_NE(flipped.error.find("are not those"), std::string::npos) << flipped.error;
}

TEST_F(PlatformCommand, ASweepIsTheSameWhereverItStopped) {
  test::write_bytes(folder_ / "platform.toml",
                    "[platform]\ndata = false\n"
                    "[sweep]\naccelerator.size = [4, 5, 8]\nmemory.bytes_per_cycle = [1, 16]\n");
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(sweep("--out " + out).exit_code, 0);
  const std::string table = test::read_bytes(folder_ / "out" / "points.csv");
  EXPECT_EQ(sweep("").output, table);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 7);
  EXPECT_NE(table.find("5,1,,"), std::string::npos);  // no such grid: a line with its error
  EXPECT_NE(table.find("rows is 5"), std::string::npos);
  const std::string pareto = test::read_bytes(folder_ / "out" / "pareto.svg");
  EXPECT_NE(pareto.find("<svg"), std::string::npos);
  // Three lines are there: the others are made again, and the lines are not.
  std::size_t end = 0;
  for (int line = 0; line < 3; ++line) end = table.find('\n', end) + 1;
  std::string begun = table.substr(0, end);
  const std::size_t digit = begun.find(",0,0,");  // a mark in a line that is there
  ASSERT_NE(digit, std::string::npos);
  begun[digit + 1] = '7';
  test::write_bytes(folder_ / "out" / "points.csv", begun);
  ASSERT_EQ(sweep("--out " + out).exit_code, 0);
  std::string again = test::read_bytes(folder_ / "out" / "points.csv");
  EXPECT_EQ(again[digit + 1], '7');
  again[digit + 1] = '0';
  EXPECT_EQ(again, table);
  // Another sweep does not go into this folder.
  const auto other = sweep("--vary memory.banks=1,2 --out " + out);
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_NE(other.error.find("of another sweep"), std::string::npos) << other.error;
  EXPECT_EQ(sweep("--vary memory.bank=1").exit_code, 3);
  EXPECT_EQ(sweep("--vary memory.banks").exit_code, 2);
}

// What double buffering is for: without it nothing is loaded while the array computes.
TEST_F(PlatformCommand, WithoutDoubleBufferingItTakesLonger) {
  test::write_bytes(folder_ / "platform.toml", "[memory]\nbytes_per_cycle = 16\n");
  const auto result = sweep("--vary platform.double_buffering=true,false --vary platform.arrays=1");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto cycles = [&](const std::string& begin) {
    std::size_t at = result.output.find(begin);
    for (int comma = 0; comma < 6; ++comma) at = result.output.find(',', at) + 1;
    return std::stoll(result.output.substr(at));
  };
  EXPECT_GT(cycles("\nfalse,"), cycles("\ntrue,"));
}

}  // namespace
}  // namespace mbm
