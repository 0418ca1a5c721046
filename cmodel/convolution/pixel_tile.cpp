#include "cmodel/convolution/pixel_tile.hpp"

#include <algorithm>

namespace mbm {
namespace {

// A row of a run: `zero` outside the input.
template <typename T>
void copy_row(const T* source, std::int64_t step, T zero, std::int64_t begin, std::int64_t end,
              std::int64_t count, T* target) {
  std::fill(target, target + begin, zero);
  if (step == 1) {
    std::copy_n(source, end - begin, target + begin);
  } else {
    for (std::int64_t i = begin; i < end; ++i) target[i] = source[(i - begin) * step];
  }
  std::fill(target + end, target + count, zero);
}

// Smallest i >= 0 with i * step + offset >= limit.
std::int64_t first_at_least(std::int64_t limit, std::int64_t offset, std::int64_t step) {
  if (offset >= limit) return 0;
  return step == 1 ? limit - offset : (limit - offset + step - 1) / step;
}

}  // namespace

PixelTile::PixelTile(const ConvolutionProblem& problem, std::int64_t first, int count)
    : problem_(problem),
      count_(count),
      padded_count_((count + kPixelStep - 1) / kPixelStep * kPixelStep) {
  const std::int64_t width = problem.output_width();
  const std::int64_t height = problem.output_height();
  for (int done = 0; done < count;) {
    const std::int64_t pixel = first + done;
    const std::int64_t x = pixel % width;
    const int length = static_cast<int>(std::min<std::int64_t>(width - x, count - done));
    runs_.push_back({pixel / (width * height), pixel / width % height, x, done, length});
    done += length;
  }
}

PixelTile::Tap PixelTile::tap(std::int64_t group, std::int64_t row) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t taps = p.kernel_height * p.kernel_width;
  const std::int64_t tap = row % taps;
  return {group * p.input_channels_per_group() + row / taps,
          tap / p.kernel_width * p.dilation - p.padding,
          tap % p.kernel_width * p.dilation - p.padding};
}

PixelTile::Reach PixelTile::reach(const Run& run, const Tap& tap) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t y = run.y * p.stride + tap.y;
  const std::int64_t x = run.x * p.stride + tap.x;
  if (y < 0 || y >= p.input_height) return {};
  Reach inside;
  inside.begin = std::min<std::int64_t>(first_at_least(0, x, p.stride), run.count);
  inside.end =
      std::clamp<std::int64_t>(first_at_least(p.input_width, x, p.stride), inside.begin, run.count);
  inside.plane = run.image * p.input_channels + tap.channel;
  inside.position = y * p.input_width + x + inside.begin * p.stride;
  inside.source = inside.plane * p.input_height * p.input_width + inside.position;
  return inside;
}

void PixelTile::add_outliers(const PackedActivations& activations, const Run& run,
                             const Reach& inside, std::int64_t row,
                             std::vector<Outlier>& outliers) const {
  const std::int64_t stride = problem_.stride;
  const std::int64_t last = inside.position + (inside.end - inside.begin - 1) * stride;
  for (const auto& [position, code] :
       activations.outside(inside.plane, inside.position, last + 1)) {
    const std::int64_t distance = position - inside.position;
    if (distance % stride != 0) continue;
    outliers.push_back({static_cast<std::uint32_t>(run.first + inside.begin + distance / stride),
                        static_cast<std::uint32_t>(row), code});
  }
}

void PixelTile::pack(const PackedActivations& activations, std::int64_t group,
                     std::int64_t first_row, int rows, std::uint8_t* magnitudes, std::int8_t* signs,
                     std::vector<Outlier>& outliers) const {
  for (int row = 0; row < rows; ++row) {
    const Tap row_tap = tap(group, first_row + row);
    for (const Run& run : runs_) {
      const Reach inside = reach(run, row_tap);
      copy_row(activations.magnitudes() + inside.source, problem_.stride, activations.zero(),
               inside.begin, inside.end, run.count, magnitudes + run.first);
      if (signs != nullptr) {
        copy_row(activations.signs() + inside.source, problem_.stride, std::int8_t{1}, inside.begin,
                 inside.end, run.count, signs + run.first);
      }
      if (inside.begin < inside.end) {
        add_outliers(activations, run, inside, first_row + row, outliers);
      }
    }
    std::fill(magnitudes + count_, magnitudes + padded_count_, activations.zero());
    magnitudes += padded_count_;
    if (signs == nullptr) continue;
    std::fill(signs + count_, signs + padded_count_, std::int8_t{1});
    signs += padded_count_;
  }
}

void PixelTile::pack_codes(std::span<const std::int16_t> activations, std::int16_t zero,
                           std::int64_t group, std::int64_t first_row, int rows,
                           std::int64_t row_stride, std::int16_t* out) const {
  for (int row = 0; row < rows; ++row) {
    const Tap row_tap = tap(group, first_row + row);
    for (const Run& run : runs_) {
      const Reach inside = reach(run, row_tap);
      copy_row(activations.data() + inside.source, problem_.stride, zero, inside.begin, inside.end,
               run.count, out + run.first);
    }
    std::fill(out + count_, out + padded_count_, std::int16_t{0});
    out += row_stride;
  }
}

}  // namespace mbm
