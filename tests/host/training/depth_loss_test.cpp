// Expected values are worked out by hand from the definition in depth_loss.hpp.
#include "host/training/depth_loss.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace mbm {
namespace {

TEST(DepthLoss, IsZeroForEqualMaps) {
  const at::Tensor depth = at::linspace(1, 9, 24).reshape({1, 1, 4, 6});
  EXPECT_NEAR(depth_loss(10 / depth, depth).item<double>(), 0, 1e-6);
}

TEST(DepthLoss, ConstantErrorHasNoEdges) {
  const at::Tensor depth = at::full({2, 1, 4, 4}, 2.0);  // DepthNorm 5
  const at::Tensor prediction = at::full({2, 1, 4, 4}, 10.0);
  EXPECT_NEAR(depth_loss(prediction, depth).item<double>(), std::log(2) + 0.1 * 5, 1e-6);
}

TEST(DepthLoss, EdgesCountBetweenNeighbours) {
  // Errors of the rows: 0, 0, 1, 1 (DepthNorm 5 everywhere): one of three steps down is 1.
  const at::Tensor depth = at::full({1, 1, 4, 3}, 2.0);
  at::Tensor prediction = at::full({1, 1, 4, 3}, 5.0);
  prediction.narrow(2, 2, 2).add_(1);
  const double expected = 0.5 * std::log(6.0 / 5) + 0.1 * 0.5 + 0.5 * (1.0 / 3);
  EXPECT_NEAR(depth_loss(prediction, depth).item<double>(), expected, 1e-6);
}

TEST(DepthLoss, UnmeasuredPixelsDoNotCount) {
  at::Tensor depth = at::full({1, 1, 4, 4}, 2.0);
  at::Tensor prediction = at::full({1, 1, 4, 4}, 10.0);
  const double expected = depth_loss(prediction, depth).item<double>();
  depth[0][0][1][2] = 0;
  prediction[0][0][1][2] = 300;
  EXPECT_NEAR(depth_loss(prediction, depth).item<double>(), expected, 1e-6);
}

TEST(DepthLoss, NegativePredictionsStillHaveAGradient) {
  const at::Tensor depth = at::full({1, 1, 2, 2}, 2.0);
  const at::Tensor prediction = at::full({1, 1, 2, 2}, -1.0).requires_grad_(true);
  depth_loss(prediction, depth).backward();
  EXPECT_LT(prediction.grad().max().item<double>(), 0);  // going up makes the loss smaller
}

}  // namespace
}  // namespace mbm
