// Bytes that are read once from front to back: a file, a member of an archive, memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "host/format/input_file.hpp"

namespace mbm {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads up to `bytes.size()` bytes and returns how many; fewer only at the end of the source.
  virtual std::size_t read(std::span<std::uint8_t> bytes) = 0;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(InputFile& file) : file_(file) {}
  std::size_t read(std::span<std::uint8_t> bytes) override;

 private:
  InputFile& file_;
  std::uint64_t position_ = 0;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t read(std::span<std::uint8_t> bytes) override;

 private:
  std::span<const std::uint8_t> bytes_;
};

// Fills `bytes`; throws Error(input) "WHERE: ends inside WHAT ..." if the source has too few.
void read_exactly(ByteSource& source, std::span<std::uint8_t> bytes, std::string_view where,
                  std::string_view what);

// The next `count` bytes. Memory grows with what is really read, so that a false count in a damaged
// file cannot ask for more memory than the file is worth.
std::vector<std::uint8_t> read_bytes(ByteSource& source, std::uint64_t count,
                                     std::string_view where, std::string_view what);

// Reads on and forgets `count` bytes.
void skip_bytes(ByteSource& source, std::uint64_t count, std::string_view where,
                std::string_view what);

}  // namespace mbm
