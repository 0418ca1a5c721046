#include "cmodel/energy/array_sample.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/driver.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {
namespace {

SampledTile cut(const ArrayTile& tile, std::int64_t rows, std::int64_t column,
                std::int64_t positions) {
  SampledTile result;
  result.used_rows = tile.rows();
  result.all_positions = tile.positions();
  for (std::int64_t r = 0; r < rows; ++r) {
    result.weights.push_back(
        static_cast<std::int16_t>(r < tile.rows() ? tile.weight(r, column % tile.columns()) : 0));
  }
  for (std::int64_t p = 0; p < std::min(positions, tile.positions()); ++p) {
    for (std::int64_t r = 0; r < rows; ++r) {
      result.activations.push_back(
          static_cast<std::int16_t>(r < tile.rows() ? tile.activation(p, r) : 0));
    }
  }
  return result;
}

std::int64_t tiles_of(const AcceleratorProgram& program) {
  std::int64_t tiles = 0;
  for (const Command& command : program.commands) {
    if (const auto* convolve = std::get_if<ConvolutionPass>(&command.operation)) {
      tiles += convolve->tiles();
    }
  }
  return tiles;
}

}  // namespace

Requantization plain_requantization(std::int64_t channels) {
  return {std::vector<ChannelRequantization>(static_cast<std::size_t>(channels), {0, 1, 1, 8}),
          RequantizationRounding::nearest, -255, 255};
}

ArraySample sample_layer(const ConvolutionProblem& problem,
                         const std::vector<std::int16_t>& activations,
                         const std::vector<std::int16_t>& weights,
                         const AcceleratorParameters& parameters, std::int64_t tiles,
                         std::int64_t positions) {
  if (tiles < 1 || positions < 1) {
    fail(ErrorKind::usage, "sample of {} tiles and {} positions found, at least 1 expected", tiles,
         positions);
  }
  const ProductTable table = make_product_table("exact");
  const LoweredNetwork lowered = lower_network(
      convolution_network("layer", problem, weights, plain_requantization(problem.output_channels)),
      parameters, table);
  AcceleratorModel model(parameters, table, lowered.program.memory_bytes);
  ArraySample sample;
  sample.rows = parameters.rows;
  sample.all_tiles = tiles_of(lowered.program);
  const std::int64_t wanted = std::min(tiles, sample.all_tiles);
  std::int64_t index = 0;
  model.observe([&](const ArrayTile& tile) {
    const auto taken = static_cast<std::int64_t>(sample.tiles.size());
    // The middle of each of `wanted` parts of the layer.
    if (taken < wanted && index == (2 * taken + 1) * sample.all_tiles / (2 * wanted)) {
      sample.tiles.push_back(cut(tile, parameters.rows, 5 * taken, positions));
    }
    ++index;
  });
  AcceleratorDriver driver(model);
  driver.load(lowered.program);
  run_on_device(driver, lowered, {activations}, 1);
  return sample;
}

ArraySample uniform_sample(std::int64_t rows, std::int64_t tiles, std::int64_t positions,
                           std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto operand = [&] {
    const auto bits = random();
    const auto magnitude = static_cast<std::int16_t>(bits & 255U);
    return (bits >> 8 & 1U) != 0 ? static_cast<std::int16_t>(-magnitude) : magnitude;
  };
  ArraySample sample;
  sample.rows = rows;
  sample.all_tiles = tiles;
  for (std::int64_t t = 0; t < tiles; ++t) {
    SampledTile tile;
    tile.used_rows = rows;
    tile.all_positions = positions;
    for (std::int64_t r = 0; r < rows; ++r) tile.weights.push_back(operand());
    for (std::int64_t i = 0; i < rows * positions; ++i) tile.activations.push_back(operand());
    sample.tiles.push_back(std::move(tile));
  }
  return sample;
}

}  // namespace mbm
