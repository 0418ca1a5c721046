// SHA-256 of files: how results name their inputs.
#pragma once

#include <filesystem>
#include <string>

namespace mbm {

// Lower-case hexadecimal digest of the file's bytes. Throws Error(input) if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

// Digest of `text`.
std::string sha256_of_text(const std::string& text);

// One digest for a file or for all files below a folder: of the sorted lines "relative path
// digest".
std::string sha256_of_path(const std::filesystem::path& path);

}  // namespace mbm
