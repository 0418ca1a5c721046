// How a convolution is cut for threads and caches.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/convolution/convolution_problem.hpp"

namespace mbm {

// A 1x1 convolution over whole rows as one over a single long row: the same tensors, fewer and
// longer runs of neighbouring pixels. Any other problem is returned as it is.
ConvolutionProblem flattened(ConvolutionProblem problem);

// Pixels of a tile: the multiple of kPixelStep up to kLargestTile that pads least.
std::int64_t choose_tile_size(std::int64_t pixels);

// Part of the output channels: whole groups, or channels of one group.
struct ChannelSlice {
  std::int64_t first_group = 0;
  std::int64_t last_group = 0;     // one past
  std::int64_t first_channel = 0;  // within each group
  std::int64_t last_channel = 0;   // one past
};

// About `parts` slices whose first channels are multiples of `step`.
std::vector<ChannelSlice> slice_channels(const ConvolutionProblem& problem, std::int64_t parts,
                                         std::int64_t step);

// Slices of channels per tile of pixels that keep `threads` threads busy to the end.
std::int64_t slices_for(std::int64_t tiles, int threads);

}  // namespace mbm
