// The result of a layer on the Verilog array: what is printed as text and written as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cmodel/array/weight_tiling.hpp"
#include "cmodel/convolution/accumulator_comparison.hpp"
#include "sim/array_simulation.hpp"

namespace mbm {

struct SimulationResult {
  nlohmann::json configuration;  // what makes the result: network, data, multiplier, ...
  std::string network;
  std::string layer;
  std::string image;
  std::string multiplier;
  std::string golden_table;  // name of the table that the sums are compared with
  WeightTiling tiling;
  TileRange tiles;
  ArraySimulation simulation;
  AccumulatorComparison comparison;
};

// For a terminal, a figure with its unit a line.
std::string simulation_text(const SimulationResult& result);

// Schema "mbm.array-simulation", with a unit for every field.
nlohmann::json simulation_json(const SimulationResult& result);

// "layer up5.convB, image 00000: channel 3, y 0, x 17: got -120, want -119".
std::string mismatch_text(const SimulationResult& result, const AccumulatorMismatch& mismatch);

}  // namespace mbm
