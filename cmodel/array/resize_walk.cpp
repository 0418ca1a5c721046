#include "cmodel/array/resize_walk.hpp"

#include <numeric>

namespace mbm {
namespace {

constexpr std::int64_t kOne = 65536;  // of the fractions of a position

}  // namespace

std::vector<ResizeOutput> resize_row(const Resize& resize) {
  const ComputeGeometry& g = resize.geometry;
  const auto after = [&](std::int64_t u) {
    return u + g.tap_step >= g.row_elements ? u : u + g.tap_step;
  };
  std::vector<ResizeOutput> outputs;
  std::int64_t u = g.u_first;
  std::int64_t fraction = resize.fraction_x_first;
  bool kept = false;  // the output before has no new column: the next one's upper tap is read
  for (std::int64_t ox = 0; ox < g.columns; ++ox) {
    const bool carries = ox > 0 && fraction >= kOne;
    fraction %= kOne;
    if (ox > 0) u += g.column_step + (carries ? g.tap_step : 0);
    ResizeOutput output{.left = u, .weight = fraction >> 8};
    if (resize.bilinear && (ox == 0 || g.column_step != 0)) {
      output.right = after(u);
      output.taps = 4;
    } else if (resize.bilinear) {
      const ResizeOutput& before = outputs.back();
      output.left = carries ? before.right : before.left;
      output.right = carries ? after(before.right) : before.right;
      output.taps = carries && !kept ? 2 : 1;
      kept = !carries;
    }
    outputs.push_back(output);
    fraction += resize.fraction_x_step;
  }
  return outputs;
}

std::int64_t resize_row_taps(const Resize& resize) {
  const std::vector<ResizeOutput> outputs = resize_row(resize);
  return std::accumulate(outputs.begin(), outputs.end(), std::int64_t{0},
                         [](std::int64_t sum, const ResizeOutput& one) { return sum + one.taps; });
}

}  // namespace mbm
