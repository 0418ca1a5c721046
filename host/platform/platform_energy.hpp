// Energies of events for any accelerator of a platform, from the component table of one.
#pragma once

#include <filesystem>
#include <string>

#include "cmodel/energy/layer_energy.hpp"

namespace mbm {

// What `mbm cost components` measured of an accelerator.
struct ComponentCosts {
  std::string description;           // "pe/mbm in osu018, 11.880 ns"
  std::string digest;                // of the file
  AcceleratorParameters parameters;  // its grid and bus
  Process process;
  EventEnergies events;  // fJ

  // Those of an accelerator in the same process with other parameters: of its memories by their
  // model, of the clock's tree in proportion to the elements, of a bus beat to the bus's width; all
  // others are the same.
  EventEnergies events_of(const AcceleratorParameters& other, std::int64_t landing_beats) const;
};

// Reads result.json of `mbm cost components`. Throws Error(input) that names the place in the file.
ComponentCosts read_component_costs(const std::filesystem::path& path);

}  // namespace mbm
