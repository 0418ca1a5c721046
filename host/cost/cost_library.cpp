#include "host/cost/cost_library.hpp"

#include <fstream>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "host/process/child_process.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

struct KnownLibrary {
  const char* name;     // as on the command line, and of its constraints
  const char* library;  // as in the Liberty file
};

constexpr KnownLibrary kKnown[] = {{"osu018", "osu018_stdcells"},
                                   {"osu035", "osu035_stdcells"},
                                   {"sky130", "sky130_fd_sc_hd"},
                                   {"nangate45", "NangateOpenCellLibrary"}};

std::filesystem::path qflow_file(const std::string& name, const char* ending) {
  return std::filesystem::path("/usr/share/qflow/tech") / name / (name + "_stdcells" + ending);
}

// The number of "set NAME NUMBER" in constraints.
double constraint(const std::filesystem::path& path, const std::string& wanted) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string set;
    std::string name;
    double value = 0;
    if (words >> set >> name >> value && set == "set" && name == wanted) return value;
  }
  fail(ErrorKind::input, "{}: no line \"set {} NUMBER\" found", path.string(), wanted);
}

// Of the library's unit of capacitance: its fF.
double capacitance_unit_ff(const std::string& text) {
  const std::size_t place = text.find("capacitive_load_unit");
  if (place == std::string::npos) return 1000;
  const std::string unit = text.substr(place, text.find(')', place) - place);
  return unit.find('f') != std::string::npos && unit.find("pf") == std::string::npos &&
                 unit.find("pF") == std::string::npos
             ? 1
             : 1000;
}

}  // namespace

std::string required_program(const std::string& program, const std::string& package) {
  if (const auto found = find_program(program)) return *found;
  fail(ErrorKind::missing_tool, "{} not found; install the Debian package {}", program, package);
}

CostLibrary load_cost_library(const std::string& name_or_path) {
  CostLibrary result;
  result.path = name_or_path;
  if (name_or_path == "osu018" || name_or_path == "osu035") {
    result.path = qflow_file(name_or_path, ".lib");
    if (!std::filesystem::exists(result.path)) {
      fail(ErrorKind::missing_tool, "{} not found; install the Debian package qflow-tech-{}",
           result.path.string(), name_or_path);
    }
  }
  result.file = read_liberty(result.path);
  result.name = result.file.library.name;
  result.constraints = project_folder() / "constraints/default.sdc";
  for (const KnownLibrary& known : kKnown) {
    if (!result.file.library.name.starts_with(known.library)) continue;
    result.name = known.name;
    result.constraints = project_folder() / "constraints" / (result.name + ".sdc");
  }
  if (std::filesystem::exists(qflow_file(result.name, ".v"))) {
    result.cell_models = qflow_file(result.name, ".v");
  }
  result.environment.input_slew_ns = constraint(result.constraints, "input_slew");
  result.environment.output_load_ff =
      constraint(result.constraints, "output_load") * capacitance_unit_ff(result.file.text);
  return result;
}

}  // namespace mbm
