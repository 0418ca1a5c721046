// One pass of a convolution through a grid: the tiles of one reduction, one after the other, over a
// block of output positions.
#pragma once

#include <cstdint>
#include <span>

#include "cmodel/array/weight_tiling.hpp"
#include "testbench/grid.hpp"

namespace mbm {

struct ArrayPass {
  TileRange tiles;                  // of one channel tile
  std::int64_t first_position = 0;  // of the block, counted over batch, output rows and columns
  std::int64_t positions = 0;       // 1..accumulator depth of the grid
};

// Cuts the operands of `job` into the tiles of `tiling`, runs `pass` through `grid` from the first
// weight to the last sum and stores the sums in `accumulators` (those of the whole job). The grid
// must be idle before and is idle after. Returns the cycles. Throws Error(device) if the grid does
// not deliver.
std::int64_t run_pass(const ConvolutionJob& job, const WeightTiling& tiling, const ArrayPass& pass,
                      Grid& grid, std::span<std::int32_t> accumulators);

}  // namespace mbm
