// Look-ups for long reductions: the weights of an output channel are sorted by magnitude, and four
// that share one share a row of the table, too. Their activations are interleaved before the
// look-up, so that one dot product of bytes with signs sums the four products of a pixel straight
// into 32 bits: the work of lookup_kernel_vbmi.cpp for summing in 16 bits and for reloading rows
// falls away. Short reductions have too few weights of a magnitude to fill the
// fours.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

inline constexpr int kGroupedPixels = 128;  // most of a tile: two vectors
inline constexpr std::int64_t kGroupedRows =
    4096;                                       // of activations, held in the second-level cache
inline constexpr std::size_t kGroupsAhead = 3;  // whose activations are fetched in time

// Four weights of one magnitude: their rows of activations, and their signs as bytes +1 or -1.
// Missing ones have the sign 0 and any row.
struct WeightGroup {
  std::array<std::uint16_t, 4> rows;
  std::uint32_t signs;
};

// The share of the slots of all groups that `channels` channels of weights would fill, those of
// magnitude 0 left out: what grouping costs against single look-ups. 1 if there is nothing to fill.
double grouped_fill(std::span<const std::int16_t> weights, std::int64_t channels);

// Groups of one magnitude that follow one another.
struct GroupRun {
  std::uint16_t magnitude;
  std::uint16_t groups;
};

// Weights of all output channels in groups, by blocks of kGroupedRows.
class GroupedWeights {
 public:
  GroupedWeights(std::int64_t channels, std::int64_t reduction_length);

  std::int64_t blocks() const { return blocks_; }

  // Groups channel `channel`. Weights of magnitude 0 are left out if `skip_zero`. Channels may be
  // grouped at once.
  void group_channel(std::int64_t channel, std::span<const std::int16_t> weights, bool skip_zero);

  struct Block {
    std::vector<GroupRun> runs;
    std::vector<WeightGroup> groups;  // and kGroupsAhead empty ones
    std::int32_t net_count = 0;       // positive weights less negative ones
  };

  const Block& block(std::int64_t channel, std::int64_t block) const {
    return data_[static_cast<std::size_t>(channel * blocks_ + block)];
  }

  // Positive weights less negative ones of some blocks.
  std::int32_t net_count(std::int64_t channel, std::int64_t first_block,
                         std::int64_t last_block) const;

 private:
  std::int64_t reduction_length_;
  std::int64_t blocks_;
  std::vector<Block> data_;
};

// One call: sums[channel][pixel] += products of the block, for a range of channels. The row of
// activations after those of the block stands for missing weights.
struct GroupedProduct {
  const std::uint8_t* indices = nullptr;  // rows of `pixels` bytes
  int pixels = 0;                         // 64 or 128
  const GroupedWeights* weights = nullptr;
  std::int64_t block = 0;
  std::int64_t first_channel = 0;
  std::int64_t last_channel = 0;        // one past
  const std::uint8_t* table = nullptr;  // as vbmi_lookup_kernel of the same window makes it
  std::int32_t* sums = nullptr;
};

struct GroupedKernel {
  int window_size;  // 128 or 256 codes
  void (*accumulate)(const GroupedProduct& product);
  // As LookupKernel::restore.
  void (*restore)(const std::int32_t* sums, int pixels, std::int32_t offset, std::int32_t* out);
};

GroupedKernel vbmi_grouped_kernel(int window_size);

}  // namespace mbm
