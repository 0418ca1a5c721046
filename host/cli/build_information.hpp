// What a bug report needs to know of this program and of the machine it runs on.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mbm {

struct BuildInformation {
  std::string version;
  int numerics_version = 0;
  std::string revision;  // of git, "-dirty" behind it if files were changed; or "none"
  std::string compiler;
  std::string build_type;
  std::string libtorch;
  std::string onednn;                         // as libtorch says it
  std::string processor;                      // its name
  std::vector<std::string> instruction_sets;  // found, of those that kernels use
  int cores = 0;
  std::vector<std::string> plans;         // of the CPU engine, on this processor
  std::vector<std::string> accelerators;  // Verilated, for mbm simulate
  std::string project_folder;             // where data and Verilog are read from
};

BuildInformation build_information();

// "mbm VERSION (numerics N)" and a line "name: value" for everything else.
std::string describe(const BuildInformation& information);

void to_json(nlohmann::json& document, const BuildInformation& information);

}  // namespace mbm
