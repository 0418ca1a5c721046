#include "cmodel/convolution/plane_tile.hpp"

#include <algorithm>

namespace mbm {

PlaneTile::PlaneTile(const ConvolutionProblem& problem, std::int64_t image, std::int64_t first_row,
                     std::int64_t rows, std::int64_t capacity)
    : problem_(problem), image_(image), first_row_(first_row), rows_(rows), capacity_(capacity) {}

std::int64_t PlaneTile::width() const {
  return problem_.output_width() +
         (problem_.kernel_width - 1) * problem_.dilation / problem_.stride;
}

std::int64_t PlaneTile::height() const {
  return capacity_ + (problem_.kernel_height - 1) * problem_.dilation / problem_.stride;
}

std::int64_t PlaneTile::lanes() const {
  return (rows_ * width() + kPixelStep - 1) / kPixelStep * kPixelStep;
}

std::int64_t PlaneTile::channel_size() const {
  return problem_.stride * problem_.stride * height() * width();
}

std::int64_t PlaneTile::tap_offset(std::int64_t kernel_y, std::int64_t kernel_x) const {
  const std::int64_t stride = problem_.stride;
  const std::int64_t y = kernel_y * problem_.dilation;
  const std::int64_t x = kernel_x * problem_.dilation;
  const std::int64_t plane = y % stride * stride + x % stride;
  return (plane * height() + y / stride) * width() + x / stride;
}

void PlaneTile::pack(const LookupKernel& kernel, std::span<const std::int16_t> activations,
                     std::int64_t first_channel, std::int64_t channels, std::uint8_t* magnitudes,
                     std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t top = first_row_ * p.stride - p.padding;
  for (std::int64_t channel = first_channel; channel < first_channel + channels; ++channel) {
    const std::int16_t* plane =
        activations.data() + (image_ * p.input_channels + channel) * p.input_height * p.input_width;
    for (std::int64_t phase_y = 0; phase_y < p.stride; ++phase_y) {
      for (std::int64_t phase_x = 0; phase_x < p.stride; ++phase_x) {
        for (std::int64_t row = 0; row < height(); ++row) {
          pack_row(kernel, plane, top + row * p.stride + phase_y, phase_x, magnitudes, signs);
          magnitudes += width();
          if (signs != nullptr) signs += width();
        }
      }
    }
  }
  // What the lanes past the last one read.
  std::fill_n(magnitudes, kSlack, std::uint8_t{0});
  if (signs != nullptr) std::fill_n(signs, kSlack, std::int8_t{1});
}

void PlaneTile::pack_row(const LookupKernel& kernel, const std::int16_t* plane, std::int64_t y,
                         std::int64_t phase, std::uint8_t* magnitudes, std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t offset = phase - p.padding;  // column of the first byte
  std::int64_t begin = 0;                         // bytes that lie inside the input
  std::int64_t end = 0;
  if (y >= 0 && y < p.input_height) {
    begin = offset >= 0 ? 0 : std::min((-offset + p.stride - 1) / p.stride, width());
    const std::int64_t columns = std::max<std::int64_t>(p.input_width - offset, 0);
    end = std::clamp((columns + p.stride - 1) / p.stride, begin, width());
  }
  std::fill(magnitudes, magnitudes + begin, std::uint8_t{0});
  std::fill(magnitudes + end, magnitudes + width(), std::uint8_t{0});
  if (signs != nullptr) {
    std::fill(signs, signs + begin, std::int8_t{1});
    std::fill(signs + end, signs + width(), std::int8_t{1});
  }
  if (begin < end) {
    kernel.convert(plane + y * p.input_width + offset + begin * p.stride, p.stride, end - begin,
                   magnitudes + begin, signs == nullptr ? nullptr : signs + begin);
  }
}

}  // namespace mbm
