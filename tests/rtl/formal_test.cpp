// Proofs by a solver: the modules against a second, independent description of their products
// (testbench/mbm_multiplier_fv.sv).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/rtl/tool_run.hpp"

namespace mbm {
namespace {

// Runs Yosys' SAT solver on the assertion for operands of `width` bits; `constant` = 10 is MBM.
test::ToolRun prove(int width, bool mitchell, int constant) {
  return test::run_tool(
      fmt::format("yosys -p 'read_verilog -sv -formal{} testbench/mbm_multiplier_fv.sv; "
                  "hierarchy -check -top mbm_multiplier_fv -chparam Width {} -chparam Mitchell {} "
                  "-chparam Constant {}; proc; flatten; opt -full; sat -verify -prove-asserts'",
                  test::design_files(), width, mitchell ? 1 : 0, constant));
}

void expect_proof(int width, bool mitchell) {
  const test::ToolRun result = prove(width, mitchell, 10);
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("no model found: SUCCESS"), std::string::npos) << result.output;
}

TEST(FormalMultiplier, MitchellAndMbmEqualASecondDescription) {
  if (!test::installed("yosys")) GTEST_SKIP() << "skipped: yosys is not installed";
  expect_proof(8, true);
  expect_proof(8, false);
}

TEST(FormalMultiplier, AnotherConstantIsRefuted) {
  if (!test::installed("yosys")) GTEST_SKIP() << "skipped: yosys is not installed";
  const test::ToolRun result = prove(8, false, 9);
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.output.find("proof did fail"), std::string::npos) << result.output;
}

TEST(FormalMultiplierSlow, MitchellAndMbmOf16BitsEqualASecondDescription) {
  if (!test::installed("yosys")) GTEST_SKIP() << "skipped: yosys is not installed";
  expect_proof(16, true);
  expect_proof(16, false);
}

}  // namespace
}  // namespace mbm
