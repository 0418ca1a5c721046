// Blocks under random traffic in SystemC: nothing that the scoreboards see is wrong, and enough was
// met. A run that meets too little, or a scoreboard that expects something else, fails.
#include <gtest/gtest.h>

#include "testbench/systemc/block_benches.hpp"

namespace mbm {
namespace {

struct Block {
  const char* name;
  BenchResult (*run)(const BenchOptions&);
  double least_coverage;
};

void PrintTo(const Block& block, std::ostream* stream) {
  *stream << block.name;
}

class BlockBenches : public testing::TestWithParam<Block> {};

TEST_P(BlockBenches, NothingIsWrongAndEnoughIsMet) {
  for (const std::uint32_t seed : {1U, 2U}) {
    const BenchResult result = GetParam().run({.seed = seed, .cycles = 20'000});
    EXPECT_EQ(result.wrong, 0U) << "seed " << seed << ": " << result.first_wrong;
    EXPECT_GT(result.checked, 5'000U);
    EXPECT_GE(result.coverage.share(), GetParam().least_coverage) << "seed " << seed << '\n'
                                                                  << result.coverage.report();
    if (seed == 1) testing::Test::RecordProperty("coverage", result.coverage.report());
  }
}

// Twins: one expectation that is wrong is found; a short run does not meet enough.
TEST_P(BlockBenches, AWrongExpectationIsFound) {
  const BenchResult result = GetParam().run({.cycles = 5'000, .spoil = 400});
  EXPECT_EQ(result.wrong, 1U);
  EXPECT_NE(result.first_wrong.find(" found, "), std::string::npos);
}

TEST_P(BlockBenches, AShortRunDoesNotMeetEnough) {
  EXPECT_LT(GetParam().run({.cycles = 20}).coverage.share(), GetParam().least_coverage);
}

TEST_P(BlockBenches, TheSameSeedTheSameRun) {
  const BenchResult first = GetParam().run({.seed = 7, .cycles = 3'000});
  const BenchResult second = GetParam().run({.seed = 7, .cycles = 3'000});
  EXPECT_EQ(first.checked, second.checked);
  EXPECT_EQ(first.coverage.report(), second.coverage.report());
  EXPECT_NE(first.checked, GetParam().run({.seed = 8, .cycles = 3'000}).checked);
}

INSTANTIATE_TEST_SUITE_P(All, BlockBenches,
                         testing::Values(Block{"post_lane", run_post_lane_bench, 1.0},
                                         Block{"command_queue", run_command_queue_bench, 1.0},
                                         Block{"axi_read_dma", run_read_dma_bench, 1.0},
                                         Block{"axi_write_dma", run_write_dma_bench, 1.0}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace mbm
