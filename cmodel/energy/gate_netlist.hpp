// A mapped netlist: instances of library cells and the nets between them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cmodel/energy/cell_library.hpp"

namespace mbm {

// Nets 0 and 1 are the constants.
inline constexpr std::int32_t kNetZero = 0;
inline constexpr std::int32_t kNetOne = 1;

struct GateInstance {
  std::string name;
  const LibraryCell* cell = nullptr;
  std::vector<std::int32_t> nets;  // of the cell's pins in their order; -1: not connected
};

struct NetlistPort {
  bool output = false;
  std::vector<std::int32_t> nets;  // lowest bit first
};

struct GateNetlist {
  std::string name;
  std::vector<std::string> nets;
  std::vector<GateInstance> instances;
  std::map<std::string, NetlistPort> ports;

  // Throws Error(input) that names the netlist and the port.
  const NetlistPort& port(const std::string& port_name) const;
  double area_um2() const;
  // Area of the flip-flops.
  double sequential_area_um2() const;

  // The instances that are not flip-flops, each after those whose outputs it reads. Throws
  // Error(input) that names the cell of a loop, a net that two cells drive or none, or a cell that
  // cannot be simulated.
  std::vector<std::int32_t> evaluation_order() const;
};

}  // namespace mbm
