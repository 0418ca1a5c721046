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
  return offset >= limit ? 0 : (limit - offset + step - 1) / step;
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

void PixelTile::pack(const LookupKernel& kernel, std::span<const std::int16_t> activations,
                     std::int64_t group, std::int64_t first_row, int rows, std::uint8_t* magnitudes,
                     std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t plane = p.input_height * p.input_width;
  const std::int64_t taps = p.kernel_height * p.kernel_width;
  for (int row = 0; row < rows; ++row) {
    const std::int64_t tap = (first_row + row) % taps;
    const std::int64_t channel = group * p.input_channels_per_group() + (first_row + row) / taps;
    for (const Run& run : runs_) {
      const std::int16_t* source =
          activations.data() + (run.image * p.input_channels + channel) * plane;
      pack_run(kernel, source, run, tap / p.kernel_width, tap % p.kernel_width, magnitudes, signs);
    }
    fill_zeros(magnitudes, signs, count_, padded_count_);
    magnitudes += padded_count_;
    if (signs != nullptr) signs += padded_count_;
  }
}

void PixelTile::pack_run(const LookupKernel& kernel, const std::int16_t* plane, const Run& run,
                         std::int64_t kernel_y, std::int64_t kernel_x, std::uint8_t* magnitudes,
                         std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t y = run.y * p.stride - p.padding + kernel_y * p.dilation;
  const std::int64_t x = run.x * p.stride - p.padding + kernel_x * p.dilation;
  std::int64_t begin = 0;  // of the pixels whose activation lies inside the input
  std::int64_t end = 0;
  if (y >= 0 && y < p.input_height) {
    begin = std::min<std::int64_t>(first_at_least(0, x, p.stride), run.count);
    end = std::clamp<std::int64_t>(first_at_least(p.input_width, x, p.stride), begin, run.count);
  }
  magnitudes += run.first;
  if (signs != nullptr) signs += run.first;
  fill_zeros(magnitudes, signs, 0, begin);
  if (begin < end) {
    kernel.convert(plane + y * p.input_width + x + begin * p.stride, p.stride, end - begin,
                   magnitudes + begin, signs == nullptr ? nullptr : signs + begin);
  }
  fill_zeros(magnitudes, signs, end, run.count);
}

void PixelTile::store(const std::int32_t* sums, std::int64_t channel, std::int32_t* out) const {
  const std::int64_t width = problem_.output_width();
  const std::int64_t height = problem_.output_height();
  for (const Run& run : runs_) {
    const std::int64_t plane = run.image * problem_.output_channels + channel;
    std::copy_n(sums + run.first, run.count, out + (plane * height + run.y) * width + run.x);
  }
}

}  // namespace mbm
