// Where the project and what was built of it are.
#pragma once

#include <filesystem>

namespace mbm::test {

std::filesystem::path source_folder();
std::filesystem::path build_folder();

// The command `mbm`.
std::filesystem::path mbm_binary();

}  // namespace mbm::test
