// Runs a Python script for a test that compares with NumPy or PyTorch.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/files.hpp"

namespace mbm::test {

// The system's interpreter, where Debian's packages of NumPy and PyTorch are.
inline constexpr const char* kPython = "/usr/bin/python3";

inline bool have_python_module(const std::string& module) {
  return std::system((std::string(kPython) + " -c 'import " + module + "' 2>/dev/null").c_str()) ==
         0;
}

// True if the script ended without an error. It runs in `folder`.
inline bool run_python(const std::filesystem::path& folder, const std::string& script) {
  write_bytes(folder / "script.py", script);
  return std::system(("cd '" + folder.string() + "' && " + kPython + " script.py").c_str()) == 0;
}

}  // namespace mbm::test
