// External tools for the tests, run in the project's folder.
#pragma once

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/paths.hpp"

namespace mbm::test {

struct ToolRun {
  int status = 0;
  std::string output;  // standard output and error
};

inline ToolRun run_tool(const std::string& command) {
  const std::string line =
      "cd '" + test::source_folder().string() + "' && ( " + command + " ) 2>&1";
  ToolRun result;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) result.output += buffer;
  result.status = pclose(pipe);
  return result;
}

inline bool installed(const std::string& tool) {
  return run_tool("command -v " + tool).status == 0;
}

// The files of the design, in the order that the tools need, each after a space.
inline std::string design_files() {
  std::ifstream list(test::source_folder() / "rtl/files.f");
  std::string files;
  for (std::string file; std::getline(list, file);) files += " " + file;
  return files;
}

}  // namespace mbm::test
