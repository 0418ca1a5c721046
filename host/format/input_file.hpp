// Reading of files: every failure is an Error of kind `input` that names the file.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace mbm {

// A regular file open for reading, with its size known.
class InputFile {
 public:
  // Throws Error(input) if the file is missing, unreadable or not a regular file.
  explicit InputFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  // Fills `bytes` from the position `offset`. `what` names the part for the message, as in
  // "weights.bin: the header ends early ...".
  void read_at(std::uint64_t offset, std::span<std::uint8_t> bytes, std::string_view what);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::uint64_t size_ = 0;
};

// The bytes of a regular file, whole.
std::vector<std::uint8_t> read_whole_file(const std::filesystem::path& path);

}  // namespace mbm
