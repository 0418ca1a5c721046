// Runs another program and collects what it prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mbm {

struct ProcessResult {
  int exit_code = 0;  // 128 + signal if a signal ended it
  std::string output;
  std::string errors;
};

// The file that `program` names in $PATH, or `program` itself if it contains a slash and can be
// executed.
std::optional<std::string> find_program(const std::string& program);

// Runs `arguments[0]` (a path) without a shell, standard input empty, and waits for its end. Throws
// Error(missing_tool) if it cannot be started, Error(timeout) if it runs longer than
// `timeout_seconds`, after ending it.
ProcessResult run_process(const std::vector<std::string>& arguments, int timeout_seconds);

}  // namespace mbm
