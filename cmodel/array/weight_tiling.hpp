// How a convolution is cut for a weight-stationary array: a tile is the weights that the array
// holds at one time, `rows` terms of the reduction times `columns` output channels of one group.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {

struct WeightTile {
  std::int64_t group = 0;
  std::int64_t first_channel = 0;  // output channel, counted over all groups
  std::int64_t channels = 0;       // 1..columns
  std::int64_t first_term = 0;     // index (c * kernel_height + i) * kernel_width + j in the group
  std::int64_t terms = 0;          // 1..rows
};

// Tiles `first` to `last` - 1.
struct TileRange {
  std::int64_t first = 0;
  std::int64_t last = 0;

  std::int64_t size() const { return last - first; }
};

// Tiles are numbered channel tile by channel tile, the tiles of one reduction next to each other:
// index = channel_tile * reduction_tiles() + reduction_tile.
class WeightTiling {
 public:
  // Throws Error(usage) if the problem is invalid or the array has no rows or columns.
  WeightTiling(const ConvolutionProblem& problem, std::int64_t rows, std::int64_t columns);

  const ConvolutionProblem& problem() const { return problem_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t reduction_tiles() const { return reduction_tiles_; }
  std::int64_t channel_tiles() const { return problem_.groups * channel_tiles_per_group_; }
  std::int64_t tile_count() const { return channel_tiles() * reduction_tiles(); }
  TileRange all_tiles() const { return {0, tile_count()}; }

  // Tile `index`, 0..tile_count() - 1.
  WeightTile tile(std::int64_t index) const;

  // Products of the tiles of `range` over all output positions; products with padding count, idle
  // processing elements do not.
  std::int64_t product_count(TileRange range) const;

  // Throws Error(usage) if `range` is empty or not within the tiling.
  void require(TileRange range) const;

  // A copy of `weights` (layout as in ConvolutionProblem) with zeros outside the tiles of `range`:
  // their convolution is the sum of the partial sums of exactly those tiles, for every multiplier
  // whose products with zero are zero.
  std::vector<std::int16_t> restrict_weights(std::span<const std::int16_t> weights,
                                             TileRange range) const;

 private:
  ConvolutionProblem problem_;
  std::int64_t rows_;
  std::int64_t columns_;
  std::int64_t reduction_tiles_;
  std::int64_t channel_tiles_per_group_;
};

}  // namespace mbm
