// Where the tests find the reference data: $MBM_DATA, else shared/data beside the project.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "tests/support/paths.hpp"

namespace mbm::test {

inline std::filesystem::path data_folder() {
  if (const char* folder = std::getenv("MBM_DATA")) return folder;
  return source_folder().parent_path() / "shared" / "data";
}

// Skips a test whose data is absent, and says what is missing.
#define MBM_REQUIRE_DATA(path)                                          \
  do {                                                                  \
    if (!std::filesystem::exists(path)) {                               \
      GTEST_SKIP() << "skipped: " << (path).string() << " is not here"; \
    }                                                                   \
  } while (false)

}  // namespace mbm::test
