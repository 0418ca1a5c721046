#include "cmodel/convolution/pixel_tile.hpp"

#include <algorithm>

namespace mbm {
namespace {

void fill_zeros(std::uint8_t* magnitudes, std::int8_t* signs, std::int64_t begin,
                std::int64_t end) {
  if (begin >= end) return;
  std::fill(magnitudes + begin, magnitudes + end, std::uint8_t{0});
  if (signs != nullptr) std::fill(signs + begin, signs + end, std::int8_t{1});
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

PixelTile::Window PixelTile::window(const Run& run, const Tap& tap) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t y = run.y * p.stride + tap.y;
  const std::int64_t x = run.x * p.stride + tap.x;
  if (y < 0 || y >= p.input_height) return {};
  Window window;
  window.begin = std::min<std::int64_t>(first_at_least(0, x, p.stride), run.count);
  window.end =
      std::clamp<std::int64_t>(first_at_least(p.input_width, x, p.stride), window.begin, run.count);
  const std::int64_t plane = run.image * p.input_channels + tap.channel;
  window.source = (plane * p.input_height + y) * p.input_width + x + window.begin * p.stride;
  return window;
}

void PixelTile::pack(const LookupKernel& kernel, std::span<const std::int16_t> activations,
                     std::int64_t group, std::int64_t first_row, int rows, std::uint8_t* magnitudes,
                     std::int8_t* signs) const {
  const auto at = [](auto* pointer, std::int64_t offset) {
    return pointer == nullptr ? nullptr : pointer + offset;
  };
  for (int row = 0; row < rows; ++row) {
    const Tap row_tap = tap(group, first_row + row);
    for (const Run& run : runs_) {
      const Window inside = window(run, row_tap);
      std::uint8_t* run_magnitudes = magnitudes + run.first;
      std::int8_t* run_signs = at(signs, run.first);
      fill_zeros(run_magnitudes, run_signs, 0, inside.begin);
      if (inside.begin < inside.end) {
        kernel.convert(activations.data() + inside.source, problem_.stride,
                       inside.end - inside.begin, run_magnitudes + inside.begin,
                       at(run_signs, inside.begin));
      }
      fill_zeros(run_magnitudes, run_signs, inside.end, run.count);
    }
    fill_zeros(magnitudes, signs, count_, padded_count_);
    magnitudes += padded_count_;
    signs = at(signs, padded_count_);
  }
}

void PixelTile::pack_codes(std::span<const std::int16_t> activations, std::int16_t zero,
                           std::int64_t group, std::int64_t first_row, int rows,
                           std::int64_t row_stride, std::int16_t* out) const {
  const std::int64_t stride = problem_.stride;
  for (int row = 0; row < rows; ++row) {
    const Tap row_tap = tap(group, first_row + row);
    for (const Run& run : runs_) {
      const Window inside = window(run, row_tap);
      std::int16_t* target = out + run.first;
      std::fill(target, target + inside.begin, zero);
      const std::int16_t* source = activations.data() + inside.source;
      if (stride == 1) {
        std::copy_n(source, inside.end - inside.begin, target + inside.begin);
      } else {
        for (std::int64_t i = inside.begin; i < inside.end; ++i) {
          target[i] = source[(i - inside.begin) * stride];
        }
      }
      std::fill(target + inside.end, target + run.count, zero);
    }
    std::fill(out + count_, out + padded_count_, std::int16_t{0});
    out += row_stride;
  }
}

}  // namespace mbm
