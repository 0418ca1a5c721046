// The shell with core_stand_in, Verilated for each width of the bus.
#pragma once

#include <memory>
#include <span>

#include "sim/simulated_device.hpp"

namespace mbm {

// Sizes of the stand-in: those of testbench/shell_bench.sv, Columns as below.
struct ShellBench {
  int bus_bytes;
  int columns;
  std::unique_ptr<SimulatedDevice> (*make)(const AxiMemoryOptions&, RegisterPortOptions);
};

std::span<const ShellBench> shell_benches();

}  // namespace mbm
