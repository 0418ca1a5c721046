// External tools for the tests, run in the project's folder.
#pragma once

#include <fstream>
#include <string>

#include "tests/support/paths.hpp"
#include "tests/support/shell.hpp"

namespace mbm::test {

// The result has standard output and error together.
inline ShellResult run_tool(const std::string& command) {
  return run_shell("cd '" + test::source_folder().string() + "' && ( " + command + " ) 2>&1");
}

inline bool installed(const std::string& tool) {
  return run_tool("command -v " + tool).exit_code == 0;
}

// The files of the design that `path` lists, in the order that the tools need, each after a space;
// board tops, which instantiate cells of vendors, have a list of their own.
inline std::string design_files(const std::string& path = "rtl/files.f") {
  std::ifstream list(test::source_folder() / path);
  std::string files;
  for (std::string file; std::getline(list, file);) files += " " + file;
  return files;
}

}  // namespace mbm::test
