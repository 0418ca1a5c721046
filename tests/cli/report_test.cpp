// mbm report: the page of real results, and every kind of bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReportCommand : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void run(const std::string& verb, const std::string& name) const {
    const test::CommandResult result = test::run_mbm(
        verb + " --layers up5.convB,conv3 --images 2 --calibration-images 1 --out " + path(name));
    ASSERT_EQ(result.exit_code, 0) << result.error;
  }

  std::string page_of(const std::string& results) const {
    const test::CommandResult result =
        test::run_mbm("report " + results + " --out " + path("report.html"));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return test::read_bytes(folder_ / "report.html");
  }

  void expect_refused(const std::string& results, const std::string& part) const {
    const test::CommandResult result =
        test::run_mbm("report " + results + " --out " + path("none.html"));
    EXPECT_EQ(result.exit_code, 3) << result.error;
    EXPECT_THAT(result.error, HasSubstr(part));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none.html"));
  }

  test::TemporaryFolder folder_;
};

TEST_F(ReportCommand, ShowsWhatTheResultsSay) {
  run("run --multiplier mbm,mitchell+gain", "run");
  run("sweep", "sweep");
  run("decompose --multiplier mbm+affine", "decompose");
  run("search --budget 50 --candidates exact,mbm", "search");
  const std::string page =
      page_of(path("run") + " " + path("sweep") + " " + path("decompose") + " " + path("search"));
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  const nlohmann::json result =
      nlohmann::json::parse(test::read_bytes(folder_ / "run" / "result.json"));
  // A mean as the JSON has it, and the command that makes it.
  char mean[16];
  std::snprintf(mean, sizeof mean, "%.4f", result["float"]["mean"]["a1"].get<double>());
  EXPECT_THAT(page, HasSubstr(std::string(mean) + " ± "));
  EXPECT_THAT(page, HasSubstr("mbm run --network densedepth-mobilenetv2-small"));
  EXPECT_THAT(page, HasSubstr("--multiplier mbm,mitchell+gain --images 0:2"));
  EXPECT_THAT(page, HasSubstr("depth: "));  // the scale of the depth maps
  EXPECT_THAT(page, HasSubstr("a1: one layer at a time"));
  EXPECT_THAT(page, HasSubstr("Noise that each cause adds"));
  EXPECT_THAT(page, HasSubstr("Pareto set"));
  EXPECT_THAT(page, HasSubstr("heat map of the relative error of mitchell"));
  // Nothing is fetched from anywhere, and nothing runs.
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
}

// The twin of the above: another number in the result is another number on the page.
TEST_F(ReportCommand, AnAlteredNumberIsSeen) {
  run("run", "run");
  const std::string before = page_of(path("run"));
  nlohmann::json result = nlohmann::json::parse(test::read_bytes(folder_ / "run" / "result.json"));
  result["variants"][0]["columns"][0]["metrics"]["mean"]["a1"] = 0.12345;
  test::write_bytes(folder_ / "run" / "result.json", result.dump());
  const std::string after = page_of(path("run"));
  EXPECT_NE(before, after);
  EXPECT_THAT(after, HasSubstr("0.1235 ± "));
}

// Twin: another number of cycles in the file is another one on the page.
TEST_F(ReportCommand, ShowsTheCyclesOfASimulation) {
  const test::CommandResult simulated =
      test::run_mbm("simulate --network lenet5 --device model --out " + path("layers"));
  ASSERT_EQ(simulated.exit_code, 0) << simulated.error;
  const std::filesystem::path file = folder_ / "layers" / "result.json";
  nlohmann::json result = nlohmann::json::parse(test::read_bytes(file));
  const std::string page = page_of(path("layers"));
  EXPECT_THAT(page, HasSubstr("Cycles by cause"));
  EXPECT_THAT(page, HasSubstr("Roofline"));
  EXPECT_THAT(page, HasSubstr(">" + result["total"]["cycles"].dump() + "<"));
  EXPECT_THAT(page, HasSubstr(">F6<"));
  EXPECT_THAT(page, HasSubstr("--cell log --device model --multiplier mbm"));
  EXPECT_THAT(page, Not(HasSubstr(">7654321<")));
  result["total"]["cycles"] = 7654321;
  test::write_bytes(file, result.dump());
  EXPECT_THAT(page_of(path("layers")), HasSubstr(">7654321<"));
  result.erase("total");
  test::write_bytes(file, result.dump());
  expect_refused(path("layers"), "not what schema mbm.simulation says");
}

TEST_F(ReportCommand, ShowsPlatforms) {
  test::write_bytes(folder_ / "platform.toml", "[platform]\ndata = false\n");
  const std::string platform = " --platform " + path("platform.toml") + " --network lenet5 ";
  ASSERT_EQ(test::run_mbm("simulate" + platform + "--out " + path("one")).exit_code, 0);
  ASSERT_EQ(test::run_mbm("sweep platform" + platform +
                          "--vary memory.bytes_per_cycle=1,16 --out " + path("many"))
                .exit_code,
            0);
  const nlohmann::json one =
      nlohmann::json::parse(test::read_bytes(folder_ / "one" / "result.json"));
  const std::string page = page_of(path("one") + " " + path("many"));
  EXPECT_THAT(page, HasSubstr("timing only, no results computed"));
  EXPECT_THAT(page, HasSubstr("<td>" + one["platform"]["Total Cycles"].dump() + "</td>"));
  EXPECT_THAT(page, HasSubstr("memory on the chip against cycles"));
  EXPECT_THAT(page, HasSubstr("--vary memory.bytes_per_cycle=1,16</code>"));
  EXPECT_THAT(page, Not(HasSubstr("cycles against energy")));   // nothing was costed
  EXPECT_THAT(page, Not(HasSubstr(path("many") + "</code>")));  // where it went makes no result
}

TEST_F(ReportCommand, ShowsWidths) {
  const test::CommandResult swept = test::run_mbm(
      "sweep widths --network lenet5 --images 20 --fewest-bits 16 --most-bits 20 --out " +
      path("widths"));
  ASSERT_EQ(swept.exit_code, 0) << swept.error;
  const std::string page = page_of(path("widths"));
  EXPECT_THAT(page, HasSubstr("lenet5: accuracy by accumulator width"));
  EXPECT_THAT(page, HasSubstr("how often sums of what size occur"));
  EXPECT_THAT(page, HasSubstr("Accuracy of 20 images"));
  // Twin: the page shows the file's number.
  const std::filesystem::path file = folder_ / "widths" / "result.json";
  nlohmann::json result = nlohmann::json::parse(test::read_bytes(file));
  result["image_count"] = 4711;
  test::write_bytes(file, result.dump());
  EXPECT_THAT(page_of(path("widths")), HasSubstr("Accuracy of 4711 images"));
}

// Results of `mbm cost` need synthesis; these have their shape, and numbers that occur once.
TEST_F(ReportCommand, ShowsCosts) {
  const auto put = [&](const std::string& name, nlohmann::json result) {
    result.update(
        {{"library", {{"name", "lib"}}}, {"tools", "tools"}, {"command", "mbm cost " + name}});
    test::write_bytes(folder_ / "cost" / name / "result.json", result.dump());
  };
  const nlohmann::json operation{{"total", 4321.0}, {"clock", 1.0}};
  const nlohmann::json activity{
      {"operation", operation}, {"new_weight", operation}, {"idle_cycle", operation}};
  put("area", {{"schema", "mbm.cost-area"},
               {"design", "adder"},
               {"module", "ripple_adder Width=8"},
               {"mappings",
                {{{"recipe", "plain"},
                  {"area", 71.5},
                  {"nand2_equivalents", 7},
                  {"register_area", 0},
                  {"period", 2}},
                 {{"recipe", "fast"},
                  {"area", 93.5},
                  {"nand2_equivalents", 9},
                  {"register_area", 0},
                  {"period", 1}}}}});
  put("energy", {{"schema", "mbm.cost-energy"},
                 {"designs",
                  {{{"design", "pe/one"},
                    {"operands", "conv3"},
                    {"area", 55},
                    {"period", 3},
                    {"zero_delay", activity},
                    {"library_delays", activity}}}}});
  put("components", {{"schema", "mbm.cost-components"},
                     {"accelerator", "2 x 2"},
                     {"period", 3.25},
                     {"total_area", 2e6},
                     {"components",
                      {{{"component", "element"},
                        {"event", "product"},
                        {"count", 4},
                        {"area", 11},
                        {"energy", 987.0},
                        {"method", "measured"},
                        {"source", "netlist"}}}}});
  nlohmann::json network{{"schema", "mbm.cost-network"},
                         {"network", "net"},
                         {"element", "pe/one"},
                         {"accelerator", "2 x 2"},
                         {"period", 3},
                         {"area", 2},
                         {"time_per_image", 0.25},
                         {"tops_per_mm2", 0.125},
                         {"layers",
                          {{{"layer", "a"},
                            {"products", 10},
                            {"cycles", 5},
                            {"bit_energy", 640},
                            {"energy", {{"DRAM", 6e9}, {"elements", 2e9}}}},
                           {{"layer", "b"},
                            {"products", 10},
                            {"cycles", 5},
                            {"bit_energy", 640},
                            {"energy", {{"DRAM", 1e9}, {"elements", 1e9}}}}}}};
  network["total"] = {
      {"energy_per_image", 10e-6}, {"inferences_per_joule", 1e5}, {"tops_per_watt", 4}};
  network["without_dram"] = {{"energy_per_image", 3e-6}};
  put("network", network);
  put("compare", {{"schema", "mbm.cost-comparison"},
                  {"sources",
                   {{"accuracy", {{{"file", "run.json"}, {"network", "net"}}}},
                    {"cost", {{{"file", "energies.json"}, {"library", "lib"}}}}}},
                  {"designs",
                   {{{"design", "pe/exact"},
                     {"operand_bits", 6},
                     {"activation_range", "mse"},
                     {"area", 500},
                     {"period", 5},
                     {"energy", 11450.0},
                     {"exact", true},
                     {"area_over_exact", nullptr},
                     {"energy_over_exact", nullptr},
                     {"accuracy",
                      {{"products_of", "exact"},
                       {"loss", 0.765},
                       {"standard_error", 0.1},
                       {"metric", "rms"}}}},
                    {{"design", "pe/untried"},
                     {"operand_bits", 8},
                     {"activation_range", "mse"},
                     {"area", 400},
                     {"period", 5},
                     {"energy", 1.0},
                     {"exact", false},
                     {"area_over_exact", nullptr},
                     {"energy_over_exact", nullptr}}}}});
  const std::string page = page_of(path("cost"));
  for (const char* part :
       {">71.5<", "adder in lib", "ripple_adder Width=8. ", ">4.321<",
        "pe/one, conv3: 55 um2, 4.32 pJ", ">0.987<", "2.000 mm2",
        "An image: 10.00 uJ (3.00 uJ without DRAM), 250.000 ms", ">7.000</td><td>70.00<",
        "Accuracy of net against energy, lib", "pe/exact (exact, mse)", "loss 0.765 % (rms)",
        ">pe/untried</td>", "accuracy: run.json", "cost: energies.json",
        "<code>mbm cost compare</code>"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  // Headings tell results apart by their folders below the one that they share.
  EXPECT_THAT(page, HasSubstr("Energy of a network: net, network</h2>"));
  // Twin: another energy of a component is another one on the page.
  network["layers"][0]["energy"]["DRAM"] = 7e9;
  put("network", network);
  EXPECT_THAT(page_of(path("cost")), HasSubstr(">8.000</td><td>80.00<"));
  network.erase("layers");
  put("network", network);
  expect_refused(path("cost"), "not what schema mbm.cost-network says");
}

TEST_F(ReportCommand, WhatIsNoResultIsRefused) {
  test::write_bytes(folder_ / "empty.json", "");
  test::write_bytes(folder_ / "list.json", "[1]");
  test::write_bytes(folder_ / "other.json", R"({"schema": "mbm.something"})");
  test::write_bytes(folder_ / "hollow.json", R"({"schema": "mbm.depth-study"})");
  test::write_bytes(folder_ / "folder" / "readme.txt", "");
  expect_refused(path("missing.json"), "missing.json");
  expect_refused(path("empty.json"), "not JSON, a result of mbm expected");
  expect_refused(path("list.json"), "schema: not there");
  expect_refused(path("other.json"), "\"mbm.something\" found, one of mbm.depth-study");
  expect_refused(path("hollow.json"), "not what schema mbm.depth-study says");
  expect_refused(path("folder"), "no result.json");
  EXPECT_EQ(test::run_mbm("report").exit_code, 2);
}

}  // namespace
}  // namespace mbm
