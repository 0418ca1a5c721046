// Rows of output pixels whose activations are read in place from padded planes: no im2col. For
// convolutions with few output channels per group, depthwise ones above all, where copying each
// activation once per tap would cost as much as the products.
//
// Where outputs are as wide as inputs, rows follow one another without a gap and so do the lanes
// and the outputs; each column of the kernel then reads a copy of the plane of its own, in which
// the columns that it must not see of the neighbouring rows are 0.
//
// Otherwise, with stride s every s-th column and row of an input channel forms a plane of its own,
// so that neighbouring outputs read neighbouring bytes: lane y * width + x of the tile reads, for
// tap (i, j), the byte at tap_offset(i, j) + lane. The last columns of a row are of no output.
#pragma once

#include <cstdint>
#include <span>

#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/packed_activations.hpp"
#include "cmodel/convolution/scratch.hpp"

namespace mbm {

class PlaneTile {
 public:
  // Output rows first_row..first_row+rows-1 of one image; offsets are those of a tile of
  // `capacity` rows.
  PlaneTile(const ConvolutionProblem& problem, std::int64_t image, std::int64_t first_row,
            std::int64_t rows, std::int64_t capacity);

  // Lanes of the tile, a multiple of kPixelStep.
  std::int64_t lanes() const;

  // True if the sums of the lanes are those of the outputs, one after another: `outputs()` of them
  // from `first_output(channel)`.
  bool is_contiguous() const { return is_same_width_; }
  std::int64_t outputs() const { return rows_ * problem_.output_width(); }
  std::int64_t first_output(std::int64_t channel) const {
    return ((image_ * problem_.output_channels + channel) * problem_.output_height() + first_row_) *
           problem_.output_width();
  }

  // Bytes of one input channel, and of the lanes that may be read past the last one.
  std::int64_t channel_size() const;
  static constexpr std::int64_t kSlack = kPixelStep;

  // Offset of the tap's byte for lane 0.
  std::int64_t tap_offset(std::int64_t kernel_y, std::int64_t kernel_x) const;

  // Packs `channels` input channels from `first_channel` (of all groups), channel_size() bytes
  // each: magnitudes or indices and, if there are any, signs. None may be outside the window.
  void pack(const PackedActivations& activations, std::int64_t first_channel, std::int64_t channels,
            std::uint8_t* magnitudes, std::int8_t* signs) const;

  // Puts the sums of the lanes, in order, in their places in the output of `channel`, or adds them
  // to what is there.
  template <typename Sum>
  void put(const std::int32_t* sums, std::int64_t channel, bool add, Sum* out) const {
    const std::int64_t out_width = problem_.output_width();
    Sum* target = out + first_output(channel);
    if (is_same_width_) return put_sums(sums, outputs(), add, target);
    for (std::int64_t row = 0; row < rows_; ++row) {
      put_sums(sums + row * width_, out_width, add, target + row * out_width);
    }
  }

 private:
  // Bytes of some channels, `zero` outside the input.
  template <typename Byte>
  void pack_bytes(const Byte* source, Byte zero, std::int64_t first_channel, std::int64_t channels,
                  Byte* bytes) const;
  template <typename Byte>
  void pack_channel(const Byte* plane, Byte zero, Byte* bytes) const;
  template <typename Byte>
  void clear_unseen_columns(Byte zero, Byte* bytes) const;

  // Rows of a kernel column's plane, and its bytes: before and behind it lie `padding` zeros.
  std::int64_t column_size() const { return height_ * width_ + 2 * problem_.padding; }

  template <typename Byte>
  void pack_row(const Byte* plane, std::int64_t y, std::int64_t phase, Byte zero,
                Byte* bytes) const;

  ConvolutionProblem problem_;
  std::int64_t image_;
  std::int64_t first_row_;
  std::int64_t rows_;
  bool is_same_width_;
  std::int64_t width_;   // of a plane
  std::int64_t height_;  // of a plane
};

}  // namespace mbm
