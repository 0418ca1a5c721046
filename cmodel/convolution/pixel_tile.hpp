// A run of consecutive output pixels, and the activations that they read: im2col of a tile.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/outlier_products.hpp"
#include "cmodel/convolution/packed_activations.hpp"
#include "cmodel/convolution/scratch.hpp"

namespace mbm {

class PixelTile {
 public:
  // Pixels first..first+count-1 of all images, in the order (image, y, x) of the output.
  PixelTile(const ConvolutionProblem& problem, std::int64_t first, int count);

  // `count` rounded up to a multiple of kPixelStep.
  int padded_count() const { return padded_count_; }

  // Copies rows first_row.. of the reduction of `group`: magnitudes or indices and, if there are
  // any, signs, each `rows` x padded_count(). Outside the input and in the padding of the tile the
  // operand is +0. Adds what lies outside the window to `outliers`.
  void pack(const PackedActivations& activations, std::int64_t group, std::int64_t first_row,
            int rows, std::uint8_t* magnitudes, std::int8_t* signs,
            std::vector<Outlier>& outliers) const;

  // Copies the same rows as they are: row r to out + r * row_stride, `zero` outside the input.
  void pack_codes(std::span<const std::int16_t> activations, std::int16_t zero, std::int64_t group,
                  std::int64_t first_row, int rows, std::int64_t row_stride,
                  std::int16_t* out) const;

  // Puts the sums of the tile's pixels in their places in the output of `channel`, or adds them to
  // what is there.
  template <typename Sum>
  void put(const std::int32_t* sums, std::int64_t channel, bool add, Sum* out) const {
    const std::int64_t width = problem_.output_width();
    for (const Run& run : runs_) {
      const std::int64_t plane = run.image * problem_.output_channels + channel;
      Sum* target = out + (plane * problem_.output_height() + run.y) * width + run.x;
      put_sums(sums + run.first, run.count, add, target);
    }
  }

 private:
  // Neighbouring pixels of one output row.
  struct Run {
    std::int64_t image = 0;
    std::int64_t y = 0;
    std::int64_t x = 0;
    int first = 0;  // within the tile
    int count = 0;
  };

  // What a row of the reduction reads: a channel, and the offset of its input from pixel * stride.
  struct Tap {
    std::int64_t channel = 0;
    std::int64_t y = 0;
    std::int64_t x = 0;
  };

  Tap tap(std::int64_t group, std::int64_t row) const;

  // Where the pixels of a run read for one row of the reduction: pixels begin..end-1 lie inside the
  // input, `source` is the index of the first of them, `position` the same within its plane.
  struct Reach {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t source = 0;
    std::int64_t plane = 0;
    std::int64_t position = 0;
  };

  // Adds the activations outside the window that a run reads.
  void add_outliers(const PackedActivations& activations, const Run& run, const Reach& inside,
                    std::int64_t row, std::vector<Outlier>& outliers) const;

  Reach reach(const Run& run, const Tap& tap) const;

  ConvolutionProblem problem_;
  int count_;
  int padded_count_;
  std::vector<Run> runs_;
};

}  // namespace mbm
