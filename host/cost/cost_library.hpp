// Cell libraries by name, with what stands for their surroundings.
#pragma once

#include <filesystem>
#include <string>

#include "cmodel/energy/gate_timing.hpp"
#include "host/cost/liberty_file.hpp"

namespace mbm {

struct CostLibrary {
  std::string name;  // osu018, osu035, or that of the library in the file
  std::filesystem::path path;
  LibertyFile file;
  std::filesystem::path constraints;  // SDC
  GateEnvironment environment;        // the numbers of the SDC
  // Verilog of the cells, if there is any (osu018, osu035).
  std::filesystem::path cell_models;
};

// "osu018" (Debian package qflow-tech-osu018), "osu035" or a Liberty file. The constraints are
// those in constraints/ for the library, or default.sdc. Throws Error(missing_tool) that names the
// package, Error(input) for a bad file.
CostLibrary load_cost_library(const std::string& name_or_path);

// A program of a Debian package; throws Error(missing_tool) that names both.
std::string required_program(const std::string& program, const std::string& package);

}  // namespace mbm
