// Commands as the accelerator's control sees them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cmodel/array/command.hpp"
#include "cmodel/array/driver.hpp"

namespace mbm::timing {

// A command as the control sees it.
struct TimedCommand {
  Unit unit = Unit::others;
  std::array<bool, kCommandCounters> waits{};
  std::array<std::uint16_t, kCommandCounters> counts{};
  // Loads and stores: rows of memory.
  std::int64_t address = 0;
  std::int64_t pitch = 0;
  std::int64_t rows = 1;
  std::int64_t row_bytes = 0;
  bool weights = false;
  bool wide = false;
  // Compute.
  bool convolve = false;
  bool first = false;
  bool last = false;
  std::int64_t tiles = 0;
  std::int64_t positions = 0;
  std::int64_t groups = 0;     // of lanes, of a position
  std::int64_t taps = 0;       // of the whole vector command
  std::size_t first_tile = 0;  // among all of the program
};

// Throws Error(usage) if the compute core refuses one of the commands.
std::vector<TimedCommand> timed_commands(const AcceleratorProgram& program);

// Different magnitudes of each tile, in the order in which tiles are loaded. Throws Error(usage) if
// weights are not in the program's memory.
std::vector<int> tile_magnitudes(const AcceleratorProgram& program);

}  // namespace mbm::timing
