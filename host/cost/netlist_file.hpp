// Netlists as Yosys writes them (write_json), of mapped cells.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cmodel/energy/gate_netlist.hpp"

namespace mbm {

// The module `top`, whose cells are those of `library`, which must live as long. Throws
// Error(input) that names the file, the instance and what is wrong: a cell that the library does
// not have, a pin that the cell does not have, a module that is not flat.
GateNetlist read_netlist(const std::filesystem::path& path, const std::string& top,
                         const CellLibrary& library);

// Areas of a netlist that kept its hierarchy: of each module as often as it is instantiated, by its
// path from the top, its own cells and those of what it contains.
struct HierarchyArea {
  std::string path;  // "" for the top
  std::string module;
  double area_um2 = 0;
  std::int64_t cells = 0;
};
std::vector<HierarchyArea> read_hierarchy(const std::filesystem::path& path, const std::string& top,
                                          const CellLibrary& library);

}  // namespace mbm
