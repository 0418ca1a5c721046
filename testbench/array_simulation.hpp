// A convolution, or a range of its weight tiles, through the Verilog array.
#pragma once

#include <cstdint>
#include <functional>

#include "cmodel/array/weight_tiling.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "testbench/grid.hpp"

namespace mbm {

struct ArraySimulation {
  Accumulators accumulators;  // of the whole job; zero where no tile of the range contributes
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t passes = 0;    // times the array was filled and drained
  std::int64_t cycles = 0;    // of one array that does all passes, one after the other
  std::int64_t products = 0;  // useful ones, those with padding included
  double seconds = 0.0;       // wall clock of the simulation
  int threads = 1;

  double products_per_cycle() const {
    return static_cast<double>(products) / static_cast<double>(cycles);
  }
  // Products / (processing elements * cycles), 0..1.
  double utilization() const { return products_per_cycle() / static_cast<double>(rows * columns); }
  // Simulated products (multiply-accumulates) per second of wall clock.
  double products_per_second() const { return static_cast<double>(products) / seconds; }
};

struct ArraySimulationOptions {
  int threads = 0;  // 0: all cores; each has its own instance of the hardware
  // Called after every pass with the passes done and in all, by one thread at a time.
  std::function<void(std::int64_t done, std::int64_t all)> progress;
};

// Runs the tiles of `range` (of a WeightTiling of the job's problem over the grid's rows and
// columns). Operands come from memory without delay. The cycles do not depend on the threads.
// Throws Error(usage) if the job or the range is invalid, Error(device) if a grid does not deliver.
ArraySimulation simulate_array(const ConvolutionJob& job, TileRange range,
                               const GridFactory& make_grid,
                               const ArraySimulationOptions& options = {});

}  // namespace mbm
