#include "tests/support/paths.hpp"

namespace mbm::test {

std::filesystem::path source_folder() {
  return MBM_SOURCE_DIR;
}

std::filesystem::path build_folder() {
  return MBM_BINARY_DIR;
}

std::filesystem::path mbm_binary() {
  return build_folder() / "mbm";
}

}  // namespace mbm::test
