#include "cmodel/convolution/tiling.hpp"

#include <algorithm>

#include "cmodel/convolution/lookup_kernel.hpp"

namespace mbm {
namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

ConvolutionProblem flattened(ConvolutionProblem problem) {
  const bool pointwise = problem.kernel_height == 1 && problem.kernel_width == 1 &&
                         problem.stride == 1 && problem.padding == 0;
  if (pointwise) {
    problem.input_width *= problem.input_height;
    problem.input_height = 1;
  }
  return problem;
}

std::int64_t choose_tile_size(std::int64_t pixels) {
  // Of 4, 5 and 3 steps the first that no other beats; fewer leave the tables' registers underused.
  std::int64_t best = 0;
  std::int64_t fewest = 0;
  for (const std::int64_t steps : {4, 5, 3}) {
    const std::int64_t tile = steps * kPixelStep;
    const std::int64_t padded =
        pixels / tile * tile + divide_up(pixels % tile, kPixelStep) * kPixelStep;
    const std::int64_t cost = padded + 8 * divide_up(pixels, tile);  // a tile has a cost of its own
    if (best == 0 || cost < fewest) {
      best = tile;
      fewest = cost;
    }
  }
  return best;
}

std::vector<ChannelSlice> slice_channels(const ConvolutionProblem& problem, std::int64_t parts,
                                         std::int64_t step) {
  const bool by_group = problem.groups > 1;
  const std::int64_t channels = problem.output_channels_per_group();
  const std::int64_t units = by_group ? problem.groups : divide_up(channels, step);
  parts = std::clamp<std::int64_t>(parts, 1, units);
  std::vector<ChannelSlice> slices;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = units * part / parts;
    const std::int64_t end = units * (part + 1) / parts;
    if (by_group) {
      slices.push_back({begin, end, 0, channels});
    } else {
      slices.push_back({0, 1, begin * step, std::min(end * step, channels)});
    }
  }
  return slices;
}

std::int64_t slices_for(std::int64_t tiles, int threads) {
  return threads == 1 ? 1 : divide_up(std::int64_t{4} * threads, tiles);
}

}  // namespace mbm
