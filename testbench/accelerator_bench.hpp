// A small whole accelerator, Verilated: a grid of 4 x 4 with MBM products on a bus of 8 bytes.
#pragma once

#include <memory>

#include "sim/simulated_device.hpp"
#include "sim/systemc/accelerator_pins.hpp"

namespace mbm {

std::unique_ptr<SimulatedDevice> make_accelerator_bench(const AxiMemoryOptions& options,
                                                        RegisterPortOptions port = {});

// The same without a memory, for the platform.
std::unique_ptr<AcceleratorPins> make_accelerator_pins();

}  // namespace mbm
