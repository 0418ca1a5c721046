// Runs the built command as a user would.
#pragma once

#include <string>

#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/shell.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm::test {

struct CommandResult {
  int exit_code;
  std::string output;  // standard output
  std::string error;   // standard error
};

// Runs `mbm ARGUMENTS` through the shell.
inline CommandResult run_mbm(const std::string& arguments) {
  const TemporaryFolder folder;
  const std::string error_path = (folder / "stderr").string();
  const ShellResult result =
      run_shell(mbm_binary().string() + " " + arguments + " 2>" + error_path);
  return {result.exit_code, result.output, read_bytes(error_path)};
}

}  // namespace mbm::test
