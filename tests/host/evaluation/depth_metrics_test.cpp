#include "host/evaluation/depth_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr double kTolerance = 1e-6;

// Two by three pixels worked out by hand from section 3 of the depth study: ratios 1, 1.2, 1.5,
// 1.9, 2 and one pixel without ground truth.
TEST(DepthMetrics, EqualTheHandComputedExample) {
  const at::Tensor truth = at::tensor({2.0F, 2.0F, 2.0F, 1.9F, 1.0F, 0.0F}).reshape({2, 3});
  const at::Tensor depth = at::tensor({2.0F, 2.4F, 3.0F, 1.0F, 2.0F, 7.0F}).reshape({2, 3});
  const DepthMetrics metrics = depth_metrics(depth, truth, {0, 1, 0, 2});
  EXPECT_NEAR(metrics[0], 2.0 / 5.0, kTolerance);  // below 1.25: 1, 1.2
  EXPECT_NEAR(metrics[1], 3.0 / 5.0, kTolerance);  // below 1.5625: and 1.5
  EXPECT_NEAR(metrics[2], 4.0 / 5.0, kTolerance);  // below 1.953125: and 1.9
  EXPECT_NEAR(metrics[3], (0.0 + 0.2 + 0.5 + 0.9 / 1.9 + 1.0) / 5.0, kTolerance);
  EXPECT_NEAR(metrics[4], std::sqrt((0.0 + 0.16 + 1.0 + 0.81 + 1.0) / 5.0), kTolerance);
  EXPECT_NEAR(metrics[5],
              (std::log10(1.2) + std::log10(1.5) + std::log10(1.9) + std::log10(2.0)) / 5.0,
              kTolerance);
}

TEST(DepthMetrics, CropEndsAreInclusive) {
  const at::Tensor truth = at::ones({4, 4});
  at::Tensor depth = at::ones({4, 4});
  depth[2][1] = 2.0F;
  EXPECT_NEAR(depth_metrics(depth, truth, {1, 2, 1, 2})[0], 0.75, kTolerance);
  EXPECT_NEAR(depth_metrics(depth, truth, {0, 1, 0, 3})[0], 1.0, kTolerance);
}

// 10 / DepthNorm, clipped to 0.1 .. 10 m; negative predictions give 0.1 m and zero gives 10 m.
TEST(DepthMetrics, PredictionsAreClippedAsInTheStudy) {
  const at::Tensor prediction = at::tensor({5.0F, 1000.0F, 0.5F, -1.0F, 0.0F, 2.0F});
  const at::Tensor depth = depth_from_prediction(prediction.reshape({1, 1, 6}), 1, 6);
  const std::vector<float> expected{2.0F, 0.1F, 10.0F, 0.1F, 10.0F, 5.0F};
  for (std::int64_t i = 0; i < 6; ++i) {
    EXPECT_FLOAT_EQ(depth[0][i].item<float>(), expected[static_cast<std::size_t>(i)]) << i;
  }
}

// Half-pixel centres: the depth at output x is that at input (x + 0.5) / 2 - 0.5.
TEST(DepthMetrics, UpSamplingIsBilinearWithHalfPixelCentres) {
  const at::Tensor depth =
      depth_from_prediction(at::tensor({10.0F, 5.0F}).reshape({1, 1, 2}), 1, 4);
  const std::vector<float> expected{1.0F, 1.25F, 1.75F, 2.0F};
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_FLOAT_EQ(depth[0][i].item<float>(), expected[static_cast<std::size_t>(i)]) << i;
  }
}

TEST(DepthMetrics, DepthMapOfZerosIsRefused) {
  EXPECT_THROW(depth_metrics(at::ones({2, 2}), at::zeros({2, 2}), {0, 1, 0, 1}), Error);
}

TEST(DepthMetrics, SummaryIsTheMeanOverImagesAndItsStandardError) {
  const MetricsSummary summary =
      summarize({DepthMetrics{1.0}, DepthMetrics{2.0}, DepthMetrics{6.0}});
  EXPECT_NEAR(summary.mean[0], 3.0, kTolerance);
  EXPECT_NEAR(summary.standard_error[0], std::sqrt(7.0 / 3.0), kTolerance);
}

}  // namespace
}  // namespace mbm
