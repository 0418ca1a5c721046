// Writing of files that are either whole or not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mbm {

// A file in the making. The bytes go to a temporary file in the target's folder; commit() puts it
// in the target's place in one step. Without commit() the temporary file is removed and a former
// target stays as it was. Parent folders are created. A target that is a device or a pipe
// (/dev/stdout) is written directly. Every failure throws Error(input) "cannot write FILE: REASON".
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::uint8_t> bytes);
  void write(std::string_view text);
  void commit();

 private:
  void open_device();
  void open_temporary();
  [[noreturn]] void fail_writing(int error_number);

  std::filesystem::path shown_;      // as the caller wrote it, for messages
  std::filesystem::path target_;     // symbolic links followed
  std::filesystem::path temporary_;  // empty for a device, and after commit()
  int descriptor_ = -1;
};

// Writes `text` or `bytes` as the whole content of `target`; see AtomicFile.
void write_file(const std::filesystem::path& target, std::string_view text);
void write_file(const std::filesystem::path& target, std::span<const std::uint8_t> bytes);

}  // namespace mbm
