// The Verilated accelerators that are built: modules in a folder beside the programs, each loaded
// when it is asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "sim/accelerator_pins.hpp"
#include "sim/simulated_device.hpp"

namespace mbm {

// Names of those that are built, "16x16-log-mbm", sorted.
std::vector<std::string> built_accelerators();

// Of the one with the grid of `parameters`: its size, its kind, of a logarithmic one its products.
std::string accelerator_name(const AcceleratorParameters& parameters);

// A new instance of the accelerator called `name`, after its reset, with a memory of its own.
// Throws Error(usage) that names the built ones, and how others are built, if there is none.
std::unique_ptr<SimulatedDevice> make_accelerator(const std::string& name,
                                                  const AxiMemoryOptions& memory);

// The same, its signals alone, before its reset.
std::unique_ptr<AcceleratorPins> make_accelerator_pins(const std::string& name);

}  // namespace mbm
