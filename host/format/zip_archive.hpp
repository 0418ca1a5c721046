// Zip archives by libzip: members are read as streams, checked by their CRC.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/format/byte_source.hpp"

struct zip;

namespace mbm {

// An archive open for reading. Members opened from it must not outlive it. Errors are Error(input)
// that names archive and member.
class ZipArchive {
 public:
  explicit ZipArchive(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const;

  // The size that the archive's directory states, unpacked, in bytes.
  std::uint64_t size(const std::string& name) const;

  std::unique_ptr<ByteSource> open(const std::string& name) const;
  std::vector<std::uint8_t> read(const std::string& name) const;

  // "ARCHIVE: member NAME", for messages.
  std::string where(const std::string& name) const;

 private:
  struct Closer {
    void operator()(zip* archive) const;
  };

  std::int64_t locate(const std::string& name) const;

  std::filesystem::path path_;
  std::unique_ptr<zip, Closer> archive_;
};

enum class ZipCompression { stored, deflated };

// The bytes of an archive with these members. Times are left at 1980-01-01, so that equal members
// make equal archives.
std::vector<std::uint8_t> make_zip(const std::map<std::string, std::vector<std::uint8_t>>& members,
                                   ZipCompression compression);

}  // namespace mbm
