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
