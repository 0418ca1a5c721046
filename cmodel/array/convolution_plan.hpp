// How a convolution is cut for the accelerator: bands of output rows and columns, tiles of output
// channels, and, where its rows do not fit the scratchpad, parts of the reduction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/convolution/convolution_problem.hpp"

namespace mbm {

// What one tile of output channels computes, and from which input channels.
struct ChannelTile {
  std::int64_t first_output = 0;
  std::int64_t outputs = 0;  // columns of the array in use are outputs * pack
  std::int64_t first_input = 0;
  std::int64_t inputs = 0;  // of a tap
};

struct ConvolutionPlan {
  ConvolutionProblem problem;       // one image
  std::int64_t pack = 1;            // neighbouring output columns that a position computes
  bool whole_rows_of_taps = false;  // a run is a whole row of the kernel, else one tap
  std::vector<ChannelTile> tiles;
  // Reduction: the input channels of a tile in parts of at most so many. One part: rows of all
  // channels stay in a ring in the scratchpad, and each is loaded once for each band of columns.
  std::int64_t part_inputs = 0;
  bool ring = true;
  std::int64_t band_rows = 1;       // output rows of a pass
  std::int64_t band_positions = 1;  // positions of a row of a pass; a position is `pack` columns
  std::int64_t ring_rows = 1;
  std::int64_t store_tiles = 1;  // tiles whose results are stored together
  double estimated_cycles = 0;

  std::int64_t row_positions() const { return (problem.output_width() + pack - 1) / pack; }
  // Input rows that `rows` output rows need, padding included.
  std::int64_t span(std::int64_t rows) const {
    return (rows - 1) * problem.stride + problem.dilation * (problem.kernel_height - 1) + 1;
  }
  std::int64_t run_taps() const {
    return whole_rows_of_taps ? problem.kernel_width + (pack - 1) * problem.stride : 1;
  }
  std::int64_t runs() const { return whole_rows_of_taps ? 1 : problem.kernel_width; }
  std::int64_t run_length(std::int64_t inputs) const { return run_taps() * inputs; }

  // Input columns that the positions first..first+count-1 of a row need and that exist.
  struct Columns {
    std::int64_t first = 0;
    std::int64_t end = 0;
    std::int64_t offset = 0;  // of the first tap of the first position from `first`, columns
  };
  Columns input_columns(std::int64_t first_position, std::int64_t count) const;
};

// The plan with the fewest estimated cycles. `zero_annihilates`: products with 0 are 0, so that
// columns and groups may be packed; `input_bytes`, `weight_bytes`, `output_bytes` of an operand in
// memory. Throws Error(usage) that names `layer` and what does not fit.
ConvolutionPlan plan_convolution(const std::string& layer, const ConvolutionProblem& problem,
                                 const AcceleratorParameters& parameters, bool zero_annihilates,
                                 std::int64_t input_bytes = 1, std::int64_t weight_bytes = 1,
                                 std::int64_t output_bytes = 1);

}  // namespace mbm
