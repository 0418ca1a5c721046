#include "cmodel/convolution/accumulator_comparison.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

const ConvolutionProblem kProblem{
    .batch = 2, .input_height = 3, .input_width = 5, .output_channels = 4};

TEST(AccumulatorComparison, EqualSumsCompareEqual) {
  const std::vector<std::int32_t> sums(120, 9);
  const AccumulatorComparison comparison = compare_accumulators(kProblem, sums, sums);
  EXPECT_EQ(comparison.compared, 120);
  EXPECT_EQ(comparison.mismatches, 0);
  EXPECT_FALSE(comparison.first);
}

TEST(AccumulatorComparison, FirstMismatchIsLocated) {
  const std::vector<std::int32_t> want(120, 9);
  std::vector<std::int32_t> got = want;
  got[119] = 1;
  got[((1 * 4 + 2) * 3 + 1) * 5 + 3] = -4;  // image 1, channel 2, y 1, x 3
  const AccumulatorComparison comparison = compare_accumulators(kProblem, got, want);
  EXPECT_EQ(comparison.mismatches, 2);
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->image, 1);
  EXPECT_EQ(comparison.first->channel, 2);
  EXPECT_EQ(comparison.first->y, 1);
  EXPECT_EQ(comparison.first->x, 3);
  EXPECT_EQ(comparison.first->got, -4);
  EXPECT_EQ(comparison.first->want, 9);
}

TEST(AccumulatorComparison, WrongCountsAreRefused) {
  const std::vector<std::int32_t> sums(120);
  const std::vector<std::int32_t> fewer(119);
  EXPECT_THROW(compare_accumulators(kProblem, sums, fewer), Error);
  EXPECT_THROW(compare_accumulators(kProblem, fewer, fewer), Error);
}

}  // namespace
}  // namespace mbm
