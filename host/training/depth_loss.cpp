#include "host/training/depth_loss.hpp"

#include <ATen/ATen.h>

namespace mbm {
namespace {

constexpr double kPointWeight = 0.1;
constexpr double kGradientWeight = 0.5;
constexpr double kSmallestLogarithm = 0.2;  // DepthNorm of 50 m

// Mean of |values| where `counted` is 1.
at::Tensor masked_mean(const at::Tensor& values, const at::Tensor& counted) {
  return (values.abs() * counted).sum() / counted.sum().clamp_min(1);
}

at::Tensor neighbour_loss(const at::Tensor& error, const at::Tensor& counted, std::int64_t axis) {
  const std::int64_t length = error.size(axis) - 1;
  return masked_mean(error.narrow(axis, 1, length) - error.narrow(axis, 0, length),
                     counted.narrow(axis, 1, length) * counted.narrow(axis, 0, length));
}

}  // namespace

at::Tensor depth_loss(const at::Tensor& prediction, const at::Tensor& depth) {
  const at::Tensor counted = depth.gt(0).to(at::kFloat);
  const at::Tensor target =
      kDepthNormNumerator / at::where(depth.gt(0), depth, at::ones_like(depth));
  const at::Tensor error = prediction - target;
  const at::Tensor ratio = prediction.clamp_min(kSmallestLogarithm).log() - target.log();
  return masked_mean(ratio, counted) + kPointWeight * masked_mean(error, counted) +
         kGradientWeight * (neighbour_loss(error, counted, 2) + neighbour_loss(error, counted, 3));
}

}  // namespace mbm
