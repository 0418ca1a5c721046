// Products of the few activations outside a window (activation_window.hpp), one activation at a
// time: its magnitude chooses a row of the transposed table, and the weights of all output channels
// are looked up in it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/tiling.hpp"

namespace mbm {

// An activation outside the window: where it is read, by pixel of the tile and row of the
// reduction.
struct Outlier {
  std::uint32_t pixel = 0;
  std::uint32_t row = 0;
  std::int16_t code = 0;
};

// Weights as lanes: rows (group, input row) of the magnitudes and signs of all output channels.
struct WeightLanes {
  std::int64_t reduction_length;
  std::int64_t stride;  // lanes of a row: the channels of a group, and padding
  std::vector<std::uint8_t> magnitudes;
  std::vector<std::int8_t> signs;

  // Of `groups` groups of `channels` channels.
  WeightLanes(std::span<const std::int16_t> weights, std::int64_t groups, std::int64_t channels,
              std::int64_t reduction_length);
};

// The outliers of one tile and their sums; buffers of one thread.
class OutlierSums {
 public:
  // What `compute` multiplies, in any order.
  std::vector<Outlier>& outliers() { return outliers_; }

  // Adds the sums of output channel `channel`, counted from the first one of the slice, to a row of
  // sums by pixel.
  void add_to(std::int64_t channel, std::int32_t* row) const;

 private:
  friend struct OutlierProducts;

  std::vector<Outlier> outliers_;
  std::vector<std::uint32_t> ends_;    // of the entries of (pixel, sign)
  std::vector<WeightEntry> entries_;   // by pixel, those of negative activations last
  std::vector<std::uint32_t> pixels_;  // that have outliers
  AlignedVector<std::int32_t> sums_;   // (index in pixels_, channel)
  AlignedVector<std::int32_t> lanes_;  // in the order of the kernel
  std::int64_t stride_ = 0;            // of sums_
};

struct OutlierProducts {
  LookupKernel kernel;                  // of magnitudes and signs
  std::span<const std::uint8_t> table;  // transposed, as the kernel makes it
  const WeightLanes* weights = nullptr;

  // Multiplies the outliers of a tile of `pixels` pixels with the weights of the channels of
  // `slice` in `group`, and forgets them.
  void compute(std::int64_t group, const ChannelSlice& slice, int pixels, OutlierSums& tile) const;
};

}  // namespace mbm
