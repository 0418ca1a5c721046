#include "testbench/accelerator_bench.hpp"

#include "Vaccelerator_4x4.h"
#include "sim/systemc/verilated_pins.hpp"
#include "sim/verilated_device.hpp"

namespace mbm {

std::unique_ptr<SimulatedDevice> make_accelerator_bench(const AxiMemoryOptions& options,
                                                        RegisterPortOptions port) {
  return std::make_unique<VerilatedDevice<Vaccelerator_4x4, 8>>(options, port);
}

std::unique_ptr<AcceleratorPins> make_accelerator_pins() {
  return std::make_unique<VerilatedPins<Vaccelerator_4x4, 8>>();
}

}  // namespace mbm
