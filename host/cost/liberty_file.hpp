// Cell libraries in the Liberty format.
#pragma once

#include <filesystem>
#include <string>

#include "cmodel/energy/cell_library.hpp"

namespace mbm {

// A library as text for other tools, without the cells that are not to be used (dont_use, and of
// sky130 those for low-power flows and delay: their names contain lpflow, probe, dly or macro), and
// what we read of it.
struct LibertyFile {
  CellLibrary library;
  std::string text;
  std::string sha256;  // of the file
};

// Reads `path`, gzipped or not. Throws Error(input) that names file, line or cell, what was found
// and what was expected.
LibertyFile read_liberty(const std::filesystem::path& path);

// The same from a text; `file` is for messages.
CellLibrary parse_liberty(const std::string& text, const std::string& file);

}  // namespace mbm
