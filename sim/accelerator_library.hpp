// The Verilated accelerators that are built: modules in a folder beside the programs, each loaded
// when it is asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/simulated_device.hpp"

namespace mbm {

// Names of those that are built, "16x16-log-mbm", sorted.
std::vector<std::string> built_accelerators();

// A new instance of the accelerator called `name`, after its reset, with a memory of its own.
// Throws Error(usage) that names the built ones, and how others are built, if there is none.
std::unique_ptr<SimulatedDevice> make_accelerator(const std::string& name,
                                                  const AxiMemoryOptions& memory);

}  // namespace mbm
