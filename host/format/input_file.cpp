#include "host/format/input_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "cmodel/common/error.hpp"

namespace mbm {

InputFile::InputFile(const std::filesystem::path& path)
    : path_(path), file_(std::fopen(path.c_str(), "rbe")) {
  if (!file_) fail(ErrorKind::input, "cannot open {}: {}", path.string(), std::strerror(errno));
  struct stat status = {};
  if (fstat(fileno(file_.get()), &status) != 0) {
    fail(ErrorKind::input, "cannot read {}: {}", path.string(), std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorKind::input, "{}: {}, expected a file", path.string(),
         S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void InputFile::read_at(std::uint64_t offset, std::span<std::uint8_t> bytes,
                        std::string_view what) {
  if (offset > size_ || bytes.size() > size_ - offset) {
    fail(ErrorKind::input, "{}: ends inside {}: it needs bytes {} to {}, the file has {}",
         path_.string(), what, offset, offset + bytes.size(), size_);
  }
  if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0 ||
      std::fread(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    fail(ErrorKind::input, "cannot read {}: {}", path_.string(),
         std::ferror(file_.get()) != 0 ? std::strerror(errno) : "it became shorter meanwhile");
  }
}

std::vector<std::uint8_t> read_whole_file(const std::filesystem::path& path) {
  InputFile file(path);
  std::vector<std::uint8_t> bytes(file.size());
  file.read_at(0, bytes, "the file");
  return bytes;
}

}  // namespace mbm
