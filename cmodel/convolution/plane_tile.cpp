#include "cmodel/convolution/plane_tile.hpp"

#include <algorithm>

namespace mbm {

PlaneTile::PlaneTile(const ConvolutionProblem& problem, std::int64_t image, std::int64_t first_row,
                     std::int64_t rows, std::int64_t capacity)
    : problem_(problem),
      image_(image),
      first_row_(first_row),
      rows_(rows),
      is_same_width_(problem.stride == 1 && problem.output_width() == problem.input_width &&
                     problem.padding < problem.input_width),
      width_(is_same_width_ ? problem.output_width()
                            : problem.output_width() +
                                  (problem.kernel_width - 1) * problem.dilation / problem.stride),
      height_(capacity + (problem.kernel_height - 1) * problem.dilation / problem.stride) {}

std::int64_t PlaneTile::lanes() const {
  return (rows_ * width_ + kPixelStep - 1) / kPixelStep * kPixelStep;
}

std::int64_t PlaneTile::channel_size() const {
  if (is_same_width_) return problem_.kernel_width * column_size();
  return problem_.stride * problem_.stride * height_ * width_;
}

std::int64_t PlaneTile::tap_offset(std::int64_t kernel_y, std::int64_t kernel_x) const {
  const std::int64_t stride = problem_.stride;
  if (is_same_width_) {
    return kernel_x * column_size() + kernel_y * problem_.dilation * width_ +
           kernel_x * problem_.dilation;
  }
  const std::int64_t y = kernel_y * problem_.dilation;
  const std::int64_t x = kernel_x * problem_.dilation;
  const std::int64_t plane = y % stride * stride + x % stride;
  return (plane * height_ + y / stride) * width_ + x / stride;
}

void PlaneTile::pack(const LookupKernel& kernel, std::span<const std::int16_t> activations,
                     std::int64_t first_channel, std::int64_t channels, std::uint8_t* magnitudes,
                     std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t top = first_row_ * p.stride - p.padding;
  for (std::int64_t channel = first_channel; channel < first_channel + channels; ++channel) {
    const std::int16_t* plane =
        activations.data() + (image_ * p.input_channels + channel) * p.input_height * p.input_width;
    if (is_same_width_) {
      pack_channel(kernel, plane, magnitudes, signs);
      magnitudes += channel_size();
      if (signs != nullptr) signs += channel_size();
      continue;
    }
    for (std::int64_t phase_y = 0; phase_y < p.stride; ++phase_y) {
      for (std::int64_t phase_x = 0; phase_x < p.stride; ++phase_x) {
        for (std::int64_t row = 0; row < height_; ++row) {
          pack_row(kernel, plane, top + row * p.stride + phase_y, phase_x, magnitudes, signs);
          magnitudes += width_;
          if (signs != nullptr) signs += width_;
        }
      }
    }
  }
  // What the lanes past the last one read.
  std::fill_n(magnitudes, kSlack, std::uint8_t{0});
  if (signs != nullptr) std::fill_n(signs, kSlack, std::int8_t{1});
}

void PlaneTile::pack_channel(const LookupKernel& kernel, const std::int16_t* plane,
                             std::uint8_t* magnitudes, std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t top = first_row_ - p.padding;
  const std::int64_t begin = std::clamp<std::int64_t>(-top, 0, height_) * width_;
  const std::int64_t end =
      std::clamp<std::int64_t>((p.input_height - top) * width_, begin, height_ * width_);
  std::fill_n(magnitudes, p.padding + begin, std::uint8_t{0});
  std::fill_n(magnitudes + p.padding + end, height_ * width_ - end + p.padding, std::uint8_t{0});
  if (signs != nullptr) {
    std::fill_n(signs, p.padding + begin, std::int8_t{1});
    std::fill_n(signs + p.padding + end, height_ * width_ - end + p.padding, std::int8_t{1});
  }
  if (begin < end) {
    kernel.convert(plane + top * width_ + begin, 1, end - begin, magnitudes + p.padding + begin,
                   signs == nullptr ? nullptr : signs + p.padding + begin);
  }
  copy_for_columns(std::uint8_t{0}, magnitudes);
  if (signs != nullptr) copy_for_columns(std::int8_t{1}, signs);
}

// From the plane of the first column of the kernel those of the others, then all without the
// columns that lie beyond the edge for them.
template <typename Byte>
void PlaneTile::copy_for_columns(Byte zero, Byte* bytes) const {
  const std::int64_t size = column_size();
  for (std::int64_t x = 1; x < problem_.kernel_width; ++x) {
    std::copy_n(bytes, size, bytes + x * size);
  }
  for (std::int64_t x = 0; x < problem_.kernel_width; ++x) {
    // A pixel reads `shift` columns to its right.
    const std::int64_t shift = x * problem_.dilation - problem_.padding;
    const std::int64_t first = shift < 0 ? width_ + shift : 0;
    Byte* plane = bytes + x * size + problem_.padding;
    for (std::int64_t row = 0; row < height_; ++row) {
      std::fill_n(plane + row * width_ + first, shift < 0 ? -shift : shift, zero);
    }
  }
}

void PlaneTile::pack_row(const LookupKernel& kernel, const std::int16_t* plane, std::int64_t y,
                         std::int64_t phase, std::uint8_t* magnitudes, std::int8_t* signs) const {
  const ConvolutionProblem& p = problem_;
  const auto fill_zeros = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) magnitudes[i] = 0;
    for (std::int64_t i = begin; signs != nullptr && i < end; ++i) signs[i] = 1;
  };
  if (y < 0 || y >= p.input_height) return fill_zeros(0, width_);
  const std::int64_t offset = phase - p.padding;  // column of the first byte
  const auto divide_up = [&](std::int64_t columns) {
    return p.stride == 1 ? columns : (columns + p.stride - 1) / p.stride;
  };
  // Bytes begin..end-1 lie inside the input.
  const std::int64_t begin = offset >= 0 ? 0 : std::min(divide_up(-offset), width_);
  const std::int64_t end =
      std::clamp(divide_up(std::max<std::int64_t>(p.input_width - offset, 0)), begin, width_);
  fill_zeros(0, begin);
  if (begin < end) {
    kernel.convert(plane + y * p.input_width + offset + begin * p.stride, p.stride, end - begin,
                   magnitudes + begin, signs == nullptr ? nullptr : signs + begin);
  }
  fill_zeros(end, width_);
}

}  // namespace mbm
