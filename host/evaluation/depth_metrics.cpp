#include "host/evaluation/depth_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr double kMinimumDepth = 0.1;  // metres
constexpr double kMaximumDepth = 10.0;
constexpr double kDepthNormScale = 10.0;  // DepthNorm = 10 / depth

}  // namespace

at::Tensor depth_from_prediction(const at::Tensor& prediction, std::int64_t height,
                                 std::int64_t width) {
  // The protocol clips 1000 / prediction to [10, 1000] centimetres: a negative prediction becomes
  // the minimum and zero the maximum.
  const at::Tensor depth = at::clamp(kDepthNormScale / prediction, kMinimumDepth, kMaximumDepth);
  // skimage's resize (order 1, reflect) and half-pixel bilinear interpolation differ in the
  // outermost pixel only, which the crop of the 480x640 images removes.
  return at::upsample_bilinear2d(depth.unsqueeze(0), {height, width}, /*align_corners=*/false)
      .squeeze(0)
      .squeeze(0);
}

DepthMetrics depth_metrics(const at::Tensor& depth, const at::Tensor& truth,
                           const CropWindow& crop) {
  if (depth.sizes() != truth.sizes()) {
    fail(ErrorKind::input, "depth map of {}x{} found, {}x{} expected", truth.size(0), truth.size(1),
         depth.size(0), depth.size(1));
  }
  const auto window = [&crop](const at::Tensor& map) {
    return map.slice(0, crop.top, crop.bottom + 1)
        .slice(1, crop.left, crop.right + 1)
        .to(at::kDouble);
  };
  const at::Tensor measured = window(truth);
  const at::Tensor valid = measured > 0;
  const at::Tensor t = measured.masked_select(valid);
  const at::Tensor p = window(depth).masked_select(valid);
  if (t.numel() == 0) fail(ErrorKind::input, "depth map without a single measured pixel");
  const at::Tensor ratio = at::maximum(t / p, p / t);
  const auto mean = [](const at::Tensor& values) {
    return values.to(at::kDouble).mean().item<double>();
  };
  return {mean(ratio < 1.25),
          mean(ratio < 1.25 * 1.25),
          mean(ratio < 1.25 * 1.25 * 1.25),
          mean(at::abs(t - p) / t),
          std::sqrt(mean(at::square(t - p))),
          mean(at::abs(at::log10(t) - at::log10(p)))};
}

MetricsSummary summarize(const std::vector<DepthMetrics>& images) {
  MetricsSummary summary;
  const auto count = static_cast<double>(images.size());
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    double sum = 0.0;
    for (const DepthMetrics& image : images) sum += image[m];
    summary.mean[m] = sum / count;
    double squares = 0.0;
    for (const DepthMetrics& image : images) {
      squares += (image[m] - summary.mean[m]) * (image[m] - summary.mean[m]);
    }
    const double variance = images.size() > 1 ? squares / (count - 1.0) : 0.0;
    summary.standard_error[m] = std::sqrt(variance / count);
  }
  return summary;
}

}  // namespace mbm
