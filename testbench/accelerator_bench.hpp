// Small whole accelerators, Verilated: one of each kind of grid, of different sizes and buses.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/simulated_device.hpp"
#include "sim/systemc/accelerator_pins.hpp"

namespace mbm {

struct AcceleratorBench {
  std::string name;                      // "4x4_log"
  std::vector<std::string> multipliers;  // product tables that it can compute with
  int bus_bytes;
  std::function<std::unique_ptr<SimulatedDevice>(const AxiMemoryOptions& options,
                                                 RegisterPortOptions port)>
      make;

  // As a parameter of tests it is its name; bytes would differ from run to run.
  friend void PrintTo(const AcceleratorBench& bench, std::ostream* out) { *out << bench.name; }
};

const std::vector<AcceleratorBench>& accelerator_benches();

// The grid of 4 x 4 with MBM products on a bus of 8 bytes.
std::unique_ptr<SimulatedDevice> make_accelerator_bench(const AxiMemoryOptions& options,
                                                        RegisterPortOptions port = {});

// The same without a memory, for the platform.
std::unique_ptr<AcceleratorPins> make_accelerator_pins();

}  // namespace mbm
