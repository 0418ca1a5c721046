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

void PlaneTile::pack(const PackedActivations& activations, std::int64_t first_channel,
                     std::int64_t channels, std::uint8_t* magnitudes, std::int8_t* signs) const {
  pack_bytes(activations.magnitudes(), activations.zero(), first_channel, channels, magnitudes);
  if (signs != nullptr) {
    pack_bytes(activations.signs(), std::int8_t{1}, first_channel, channels, signs);
  }
}

template <typename Byte>
void PlaneTile::pack_bytes(const Byte* source, Byte zero, std::int64_t first_channel,
                           std::int64_t channels, Byte* bytes) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t top = first_row_ * p.stride - p.padding;
  for (std::int64_t channel = first_channel; channel < first_channel + channels; ++channel) {
    const Byte* plane =
        source + (image_ * p.input_channels + channel) * p.input_height * p.input_width;
    if (is_same_width_) {
      pack_channel(plane, zero, bytes);
      bytes += channel_size();
      continue;
    }
    for (std::int64_t phase_y = 0; phase_y < p.stride; ++phase_y) {
      for (std::int64_t phase_x = 0; phase_x < p.stride; ++phase_x) {
        for (std::int64_t row = 0; row < height_; ++row) {
          pack_row(plane, top + row * p.stride + phase_y, phase_x, zero, bytes);
          bytes += width_;
        }
      }
    }
  }
  std::fill_n(bytes, kSlack, zero);  // what the lanes past the last one read
}

// A plane for each column of the kernel, all the same but for the columns beyond the edge.
template <typename Byte>
void PlaneTile::pack_channel(const Byte* plane, Byte zero, Byte* bytes) const {
  const ConvolutionProblem& p = problem_;
  const std::int64_t top = first_row_ - p.padding;
  const std::int64_t begin = std::clamp<std::int64_t>(-top, 0, height_) * width_;
  const std::int64_t end =
      std::clamp<std::int64_t>((p.input_height - top) * width_, begin, height_ * width_);
  for (std::int64_t x = 0; x < p.kernel_width; ++x) {
    Byte* column = bytes + x * column_size();
    std::fill_n(column, p.padding + begin, zero);
    if (begin < end) {
      std::copy_n(plane + top * width_ + begin, end - begin, column + p.padding + begin);
    }
    std::fill_n(column + p.padding + end, height_ * width_ - end + p.padding, zero);
  }
  clear_unseen_columns(zero, bytes);
}

template <typename Byte>
void PlaneTile::clear_unseen_columns(Byte zero, Byte* bytes) const {
  for (std::int64_t x = 0; x < problem_.kernel_width; ++x) {
    // A pixel reads `shift` columns to its right.
    const std::int64_t shift = x * problem_.dilation - problem_.padding;
    const std::int64_t first = shift < 0 ? width_ + shift : 0;
    Byte* plane = bytes + x * column_size() + problem_.padding;
    for (std::int64_t row = 0; row < height_; ++row) {
      std::fill_n(plane + row * width_ + first, shift < 0 ? -shift : shift, zero);
    }
  }
}

template <typename Byte>
void PlaneTile::pack_row(const Byte* plane, std::int64_t y, std::int64_t phase, Byte zero,
                         Byte* bytes) const {
  const ConvolutionProblem& p = problem_;
  if (y < 0 || y >= p.input_height) {
    std::fill_n(bytes, width_, zero);
    return;
  }
  const std::int64_t offset = phase - p.padding;  // column of the first byte
  const auto divide_up = [&](std::int64_t columns) {
    return p.stride == 1 ? columns : (columns + p.stride - 1) / p.stride;
  };
  // Bytes begin..end-1 lie inside the input.
  const std::int64_t begin = offset >= 0 ? 0 : std::min(divide_up(-offset), width_);
  const std::int64_t end =
      std::clamp(divide_up(std::max<std::int64_t>(p.input_width - offset, 0)), begin, width_);
  const Byte* source = plane + y * p.input_width + offset;
  std::fill(bytes, bytes + begin, zero);
  for (std::int64_t i = begin; i < end; ++i) bytes[i] = source[i * p.stride];
  std::fill(bytes + end, bytes + width_, zero);
}

}  // namespace mbm
