// The six figures of monocular depth estimation, as the depth study's evaluation computes them.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <string_view>
#include <vector>

#include "host/dataset/depth_dataset.hpp"

namespace mbm {

// a1, a2, a3: share of pixels whose ratio max(truth / p, p / truth) is below 1.25, 1.25^2, 1.25^3;
// rel: mean |truth - p| / truth; rms: root mean square error in metres; log10: mean |log10 truth -
// log10 p|.
inline constexpr std::array<std::string_view, 6> kDepthMetricNames{"a1",  "a2",  "a3",
                                                                   "rel", "rms", "log10"};
using DepthMetrics = std::array<double, kDepthMetricNames.size()>;

// Depth in metres, float32 (height, width), of a network's prediction DepthNorm = 10 / depth in
// metres, float32 (1, height / 2, width / 2): clipped to [0.1 m, 10 m], then up-sampled bilinearly
// with half-pixel centres.
at::Tensor depth_from_prediction(const at::Tensor& prediction, std::int64_t height,
                                 std::int64_t width);

// Metrics of one image over the crop window; pixels without ground truth (0) are left out. Throws
// Error(input) if no pixel has ground truth or the sizes differ.
DepthMetrics depth_metrics(const at::Tensor& depth, const at::Tensor& truth,
                           const CropWindow& crop);

// Mean over images (not pooled over pixels), and the standard error of that mean.
struct MetricsSummary {
  DepthMetrics mean{};
  DepthMetrics standard_error{};
};
MetricsSummary summarize(const std::vector<DepthMetrics>& images);

}  // namespace mbm
