// The choice of ranges on distributions whose answer is known without the code.
#include "host/calibration/magnitude_histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

QuantizationScheme scheme(RangeMethod method, double percentile = 99.99) {
  QuantizationScheme result;
  result.activation_range = method;
  result.percentile = percentile;
  return result;
}

MagnitudeHistogram normal_values(std::size_t count, float outlier) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.0F, 1.0F);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  if (outlier > 0.0F) values.push_back(outlier);
  MagnitudeHistogram histogram;
  histogram.add(values, "values");
  return histogram;
}

TEST(MagnitudeHistogram, GrowsWithoutLosingAValue) {
  MagnitudeHistogram histogram;
  histogram.add(std::vector<float>{0.0F, 0.5F, -1.0F}, "values");
  histogram.add(std::vector<float>{100.0F, -0.25F}, "values");
  EXPECT_EQ(histogram.count(), 5);
  EXPECT_EQ(histogram.zeros(), 1);
  EXPECT_EQ(histogram.smallest(), -1.0F);
  EXPECT_EQ(histogram.largest_magnitude(), 100.0F);
  std::int64_t counted = 0;
  for (const std::int64_t bin : histogram.bins()) counted += bin;
  EXPECT_EQ(counted, 4);
  EXPECT_GE(histogram.range(), 100.0);
}

TEST(MagnitudeHistogram, OfZerosAloneEveryMethodGivesZero) {
  MagnitudeHistogram histogram;
  histogram.add(std::vector<float>(10, 0.0F), "values");
  for (const RangeMethod method : {RangeMethod::max_abs, RangeMethod::percentile,
                                   RangeMethod::mean_squared_error, RangeMethod::kl_divergence}) {
    EXPECT_EQ(choose_range(histogram, 255, scheme(method)), 0.0F);
  }
}

TEST(MagnitudeHistogram, RefusesNaN) {
  MagnitudeHistogram histogram;
  EXPECT_THROW(histogram.add(std::vector<float>{std::nanf("")}, "values"), Error);
}

// Of 1 .. 1000 the 90th percentile is 900, at the resolution of 4096 bins or more.
TEST(ChooseRange, PercentileOfEvenValues) {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
  MagnitudeHistogram histogram;
  histogram.add(values, "values");
  EXPECT_NEAR(choose_range(histogram, 255, scheme(RangeMethod::percentile, 90.0)), 900.0F, 0.5F);
  EXPECT_EQ(choose_range(histogram, 255, scheme(RangeMethod::percentile, 100.0)), 1000.0F);
  EXPECT_EQ(choose_range(histogram, 255, scheme(RangeMethod::max_abs)), 1000.0F);
}

// Evenly distributed values are best not clipped at all.
TEST(ChooseRange, LeastSquaresKeepsEvenValuesWhole) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> even(0.0F, 8.0F);
  std::vector<float> values(200000);
  for (float& value : values) value = even(random);
  MagnitudeHistogram histogram;
  histogram.add(values, "values");
  EXPECT_GT(choose_range(histogram, 255, scheme(RangeMethod::mean_squared_error)), 7.8F);
}

// The optimal limits of a uniform quantiser of a normal distribution: 2.55 sigma for 16
// levels, 3.92 for 256 (Max 1960; Banner et al., NeurIPS 2019 give 2.55 and 3.92 for the Gaussian
// case).
TEST(ChooseRange, LeastSquaresOfANormalDistribution) {
  const MagnitudeHistogram histogram = normal_values(1000000, 0.0F);
  EXPECT_NEAR(choose_range(histogram, 127, scheme(RangeMethod::mean_squared_error)), 3.92F, 0.25F);
  EXPECT_NEAR(choose_range(histogram, 7, scheme(RangeMethod::mean_squared_error)), 2.55F, 0.2F);
}

// One value far out would take nine tenths of the codes; only max-abs gives them to it. Least
// squares weighs (50 - r)^2 for the outlier against N (r / 127)^2 / 12 for the rounding of the
// others, which has its minimum at r = 50 / (1 + N / 12 / 127^2) = 24.6.
TEST(ChooseRange, OneOutlierIsClipped) {
  const MagnitudeHistogram histogram = normal_values(200000, 50.0F);
  EXPECT_EQ(choose_range(histogram, 127, scheme(RangeMethod::max_abs)), 50.0F);
  EXPECT_NEAR(choose_range(histogram, 127, scheme(RangeMethod::mean_squared_error)), 24.6F, 0.6F);
  for (const RangeMethod method : {RangeMethod::percentile, RangeMethod::kl_divergence}) {
    const float range = choose_range(histogram, 127, scheme(method));
    EXPECT_LT(range, 12.0F) << name_of(method);
    EXPECT_GT(range, 2.0F) << name_of(method);
  }
}

TEST(RoundStep, GoesUpToThePowerAndKeepsOne) {
  EXPECT_EQ(round_step(0.03F, StepRounding::none), 0.03F);
  EXPECT_EQ(round_step(0.03F, StepRounding::power_of_two), 0.03125F);
  EXPECT_EQ(round_step(0.25F, StepRounding::power_of_two), 0.25F);
  EXPECT_FLOAT_EQ(round_step(0.03F, StepRounding::power_of_ten), 0.1F);
  EXPECT_FLOAT_EQ(round_step(0.001F, StepRounding::power_of_ten), 0.001F);
}

}  // namespace
}  // namespace mbm
