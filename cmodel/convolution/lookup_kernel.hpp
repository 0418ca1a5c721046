// What the look-up kernels of all instruction sets share: the packed form of a block of weights and
// activations, and the functions an instruction set supplies.
//
// A convolution is a matrix product of weights (output channels x reduction length) and activations
// (reduction length x pixels) in which "times" is a row of the product table. Pixels are handled in
// tiles, the reduction in blocks of at most kBlockLength, so that a block of activations stays in
// the first-level cache and its sums of table bytes in 16 bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/convolution/activation_window.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

inline constexpr int kBlockLength = 128;  // 128 * 255 < 2^15
inline constexpr int kPixelStep = 64;     // pixels of a tile are padded to a multiple of this
inline constexpr int kLargestTile = 320;  // pixels

// One weight: its row of activations within the block, and its magnitude, in one word.
using WeightEntry = std::uint32_t;
constexpr WeightEntry make_weight_entry(std::uint32_t activation_row, std::uint32_t magnitude) {
  return activation_row << 8 | magnitude;
}
constexpr std::uint32_t activation_row(WeightEntry entry) {
  return entry >> 8;
}
constexpr std::uint32_t magnitude(WeightEntry entry) {
  return entry & 0xFF;
}

// The weights of one output channel in one block, parted by sign.
struct WeightBlock {
  std::span<const WeightEntry> positive;
  std::span<const WeightEntry> negative;

  // The first so many of each are below the limit of PackedWeights::set_small.
  std::size_t small_positive = 0;
  std::size_t small_negative = 0;
};

// Weights of a range of output channels, packed. Weights of magnitude 0 are left out if
// `skip_zero`, which is right where row 0 of the table holds zeros only.
class PackedWeights {
 public:
  // `block_length` is at most kBlockLength.
  PackedWeights(std::int64_t channels, std::int64_t reduction_length, int block_length);

  std::int64_t channels() const { return channels_; }
  std::int64_t blocks() const { return blocks_; }

  // Packs channel `channel` from its `reduction_length` weights; rows[i] is the row of activations
  // of the i-th weight of a block. Channels may be packed at once.
  void pack_channel(std::int64_t channel, std::span<const std::int16_t> weights,
                    std::span<const std::uint32_t> rows, bool skip_zero);

  WeightBlock block(std::int64_t channel, std::int64_t block) const;

  // Positive weights less negative ones of some blocks.
  std::int32_t net_count(std::int64_t channel, std::int64_t first_block,
                         std::int64_t last_block) const;

  // From now on channels are packed with magnitudes below `limit` first in each list.
  void set_small(std::size_t limit) { small_ = limit; }

  // An upper bound of the magnitudes.
  std::size_t largest_magnitude() const { return largest_magnitude_; }
  void set_largest_magnitude(std::size_t magnitude) { largest_magnitude_ = magnitude; }

 private:
  struct Counts {
    std::uint16_t positive = 0;
    std::uint16_t negative = 0;
    std::uint16_t small_positive = 0;
    std::uint16_t small_negative = 0;
  };

  std::int64_t channels_;
  std::int64_t reduction_length_;
  std::int64_t block_length_;
  std::int64_t blocks_;
  std::size_t small_ = 0;
  std::size_t largest_magnitude_ = ProductTable::kOperands - 1;
  std::vector<WeightEntry>
      entries_;  // positive ones from the front of a block, others from its back
  std::vector<Counts> counts_;
};

// A block of activations: `length` rows of `pixels` indices of a window; or of magnitudes, for
// kernels without windows, and beside them, unless no activation is negative, rows of signs, +1 or
// -1.
struct ActivationBlock {
  const std::uint8_t* magnitudes = nullptr;
  const std::int8_t* signs = nullptr;
  int length = 0;
  int pixels = 0;  // a multiple of kPixelStep, at most kLargestTile
  int row_stride = 0;
};

// One call of a kernel: sums[channel][pixel] += products of the block, for a range of channels, or
// = with `overwrite`. The
// order of pixels within a row of sums is the kernel's own until `restore`.
struct BlockProduct {
  ActivationBlock activations;
  const PackedWeights* weights = nullptr;
  std::int64_t block = 0;
  std::int64_t first_channel = 0;
  std::int64_t last_channel = 0;  // one past
  const std::uint8_t* table = nullptr;
  std::int32_t* sums = nullptr;  // (last_channel - first_channel) rows of `pixels`
  bool overwrite = false;

  // Stands for the block of every channel, if it is not empty; kernels of any_row_stride only.
  WeightBlock list = {};

  WeightBlock channel_weights(std::int64_t channel) const {
    return list.positive.empty() && list.negative.empty() ? weights->block(channel, block) : list;
  }
};

// For kernels that only add.
inline void clear_if_overwritten(const BlockProduct& product) {
  const std::int64_t channels = product.last_channel - product.first_channel;
  if (product.overwrite) std::fill_n(product.sums, channels * product.activations.pixels, 0);
}

struct LookupKernel {
  int block_length;     // of the reduction, at most kBlockLength
  bool any_row_stride;  // else row_stride = pixels is required
  bool paired;          // reads the lists of weights by PackedWeights::set_small

  // Codes that an activation's byte can stand for; 0: bytes are magnitudes, and signs lie apart.
  int window_size;

  // Indices within `window` of `count` codes; or, for kernels without windows, magnitudes and, if
  // `signs` is not null, signs. A code outside the window gets the index of 0 and its number is put
  // in `outside`. Returns how many there are.
  int (*convert)(const std::int16_t* source, std::int64_t count, const ActivationWindow& window,
                 std::uint8_t* magnitudes, std::int8_t* signs, std::uint16_t* outside);

  // The form of a table that the kernel reads.
  AlignedVector<std::uint8_t> (*make_table)(const ProductTable& table,
                                            const ActivationWindow& window);

  void (*accumulate)(const BlockProduct& product);

  // One row of sums in the order of pixels, each plus `offset`, modulo 2^32.
  void (*restore)(const std::int32_t* sums, int pixels, std::int32_t offset, std::int32_t* out);
};

LookupKernel scalar_lookup_kernel();

// AVX2.
LookupKernel avx2_lookup_kernel();

// AVX-512 with VBMI, for windows of 128 or 256 codes.
LookupKernel vbmi_lookup_kernel(int window_size);

// AVX-512 with VBMI, for magnitudes and signs.
LookupKernel vbmi_signed_lookup_kernel();

// As vbmi_lookup_kernel for a window of 0..127 and products below 2^15; the products of small
// weights, all below 2^14, are added in bytes two at a time.
LookupKernel paired_lookup_kernel();
inline constexpr int kPairedProducts = 1 << 15;

// The smallest magnitude that has a product of 2^14 or more with activations up to 127.
std::size_t first_unpaired_weight(const ProductTable& table);

}  // namespace mbm
