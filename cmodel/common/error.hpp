// The one error type of the project. Its message is a single line for the user that names the file
// or key, the place, what was found and what was expected; its kind is the exit code of `mbm`.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace mbm {

// Exit codes of the command line; 0 is success.
enum class ErrorKind {
  mismatch = 1,      // a check failed: two things that must be equal are not
  usage = 2,         // the command line or a call is wrong
  input = 3,         // a file of the user is missing, truncated or malformed
  missing_tool = 4,  // an external tool or library is not installed
  device = 5,        // the device answered wrongly or not at all
  timeout = 6,       // something did not end in time
  internal = 7,      // a mistake of ours
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Throws an Error of `kind` with a formatted one-line message.
template <typename... Arguments>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Arguments...> format,
                       Arguments&&... arguments) {
  throw Error(kind, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace mbm
