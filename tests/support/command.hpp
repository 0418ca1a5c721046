// Runs the built command as a user would.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"
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
  const std::string line = mbm_binary().string() + " " + arguments + " 2>" + error_path;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + line);
  CommandResult result{0, "", ""};
  std::array<char, 4096> buffer{};
  for (std::size_t count = 0; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    result.output.append(buffer.data(), count);
  }
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.error = read_bytes(error_path);
  return result;
}

}  // namespace mbm::test
