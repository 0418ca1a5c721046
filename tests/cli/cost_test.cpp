// mbm cost on the command line: figures, forms, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/process/child_process.hpp"
#include "tests/support/command.hpp"

namespace mbm {
namespace {

using test::CommandResult;
using test::run_mbm;
using testing::HasSubstr;

bool flow_installed() {
  return find_program("yosys") && find_program("sta") &&
         std::filesystem::exists("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
}

#define MBM_REQUIRE_FLOW()                                                             \
  do {                                                                                 \
    if (!flow_installed()) {                                                           \
      GTEST_SKIP() << "skipped: yosys, opensta or qflow-tech-osu018 is not installed"; \
    }                                                                                  \
  } while (false)

TEST(CostCommand, AreaAsJson) {
  MBM_REQUIRE_FLOW();
  const test::TemporaryFolder folder;
  const std::string cache = " --cache " + (folder / "cache").string();
  const CommandResult result = run_mbm("cost area exact-dadda:5 --format json" + cache);
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json.at("schema"), "mbm.cost-area");
  EXPECT_EQ(json.at("design"), "exact-dadda:5");
  EXPECT_EQ(json.at("library").at("name"), "osu018");
  const auto& mapping = json.at("mappings").at(0);
  // The area is that of the cells: NAND2X1 24 um2.
  EXPECT_NEAR(mapping.at("nand2_equivalents").get<double>() * 24, mapping.at("area").get<double>(),
              1e-6);
  for (const char* field : {"area", "period", "cells"})
    EXPECT_TRUE(json.at("units").contains(field));
  // From the cache the same.
  EXPECT_EQ(run_mbm("cost area exact-dadda:5 --format json" + cache).output, result.output);
}

TEST(CostCommand, ExitCodes) {
  EXPECT_EQ(run_mbm("cost").exit_code, 2);
  EXPECT_EQ(run_mbm("cost area").exit_code, 2);
  EXPECT_EQ(run_mbm("cost compare").exit_code, 2);
  const CommandResult study =
      run_mbm("cost compare --accuracy /nonexistent.json --energy /nonexistent.json");
  EXPECT_EQ(study.exit_code, 3);
  EXPECT_THAT(study.error, HasSubstr("/nonexistent.json"));
  const CommandResult library = run_mbm("cost area mbm --liberty /nonexistent.lib");
  EXPECT_EQ(library.exit_code, 3);
  EXPECT_THAT(library.error, HasSubstr("/nonexistent.lib"));
  MBM_REQUIRE_FLOW();
  const CommandResult design = run_mbm("cost area pe/nothing");
  EXPECT_EQ(design.exit_code, 2);
  EXPECT_THAT(design.error, HasSubstr("pe/nothing"));
  const CommandResult parameter = run_mbm("cost area saturated_sum --parameter Width");
  EXPECT_EQ(parameter.exit_code, 2);
  EXPECT_THAT(parameter.error, HasSubstr("NAME=NUMBER"));
}

TEST(CostCommand, AMissingToolIsNamedWithItsPackage) {
  MBM_REQUIRE_FLOW();
  const test::TemporaryFolder folder;
  const test::ShellResult result =
      test::run_shell("PATH=/nonexistent " + test::mbm_binary().string() +
                      " cost area mbm --cache " + (folder / "cache").string() + " 2>&1");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.output, HasSubstr("Debian package yosys"));
}

}  // namespace
}  // namespace mbm
