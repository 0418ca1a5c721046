// Operands cut out of a layer in the order in which the array sees them.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {

// A column of a tile: the weights of its rows, and the activations that stream by, position by
// position. Rows that the tile does not use hold 0 and are disabled.
struct SampledTile {
  std::vector<std::int16_t> weights;      // rows of the array
  std::vector<std::int16_t> activations;  // [position][row]
  std::int64_t used_rows = 0;
  std::int64_t all_positions = 0;  // of the tile; the sample has the first of them
};

struct ArraySample {
  std::int64_t rows = 0;
  std::vector<SampledTile> tiles;  // in the array's order
  std::int64_t all_tiles = 0;      // of the layer
  int operand_bits = 8;            // of the magnitudes

  std::int64_t positions(const SampledTile& tile) const {
    return static_cast<std::int64_t>(tile.activations.size()) / rows;
  }
};

// Up to `tiles` tiles spread evenly over the layer's tiles, of each the first `positions` positions
// and one column in turn. The tiles are those of the accelerator's program for the layer
// (lower_convolution) on an array of the given size: weight-stationary, tile by tile, packing and
// bands as planned. `activations` (channels, height, width) and `weights` are -255..255. Throws
// Error(usage) as lower_network, or if a count is not positive.
ArraySample sample_layer(const ConvolutionProblem& problem,
                         const std::vector<std::int16_t>& activations,
                         const std::vector<std::int16_t>& weights,
                         const AcceleratorParameters& parameters, std::int64_t tiles,
                         std::int64_t positions);

// A requantisation for programs of which nobody looks at the results.
Requantization plain_requantization(std::int64_t channels);

// Independent uniform operands, signs as likely as not: as many tiles and positions.
ArraySample uniform_sample(std::int64_t rows, std::int64_t tiles, std::int64_t positions,
                           std::uint64_t seed);

}  // namespace mbm
