#include "host/format/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr int kReadWriteForAll = 0666;  // narrowed by the user's umask

// The file that a chain of symbolic links ends at, so that a link given as the target stays a link.
std::filesystem::path follow_links(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved;
}

std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter = 0;
  return target.parent_path() /
         fmt::format(".{}.{}-{}.part", target.filename().string(), getpid(), counter++);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& target)
    : shown_(target), target_(follow_links(target)) {
  struct stat status = {};
  const bool exists = stat(target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail_writing(EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    open_device();
    return;
  }
  open_temporary();
  if (exists) fchmod(descriptor_, status.st_mode & 07777);  // best effort
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::open_device() {
  descriptor_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail_writing(errno);
}

void AtomicFile::open_temporary() {
  if (target_.has_parent_path()) {
    std::error_code error;
    std::filesystem::create_directories(target_.parent_path(), error);
    if (error) fail_writing(error.value());
  }
  temporary_ = temporary_beside(target_);
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kReadWriteForAll);
  if (descriptor_ < 0) {
    const int error_number = errno;
    temporary_.clear();
    fail_writing(error_number);
  }
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_writing(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void AtomicFile::commit() {
  // Some file systems report a full disk only when the data is forced out.
  if (!temporary_.empty() && fsync(descriptor_) != 0) fail_writing(errno);
  if (close(std::exchange(descriptor_, -1)) != 0) fail_writing(errno);
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail_writing(errno);
  temporary_.clear();
}

void AtomicFile::fail_writing(int error_number) {
  // In a constructor no destructor follows the exception: clean up here.
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
  fail(ErrorKind::input, "cannot write {}: {}", shown_.string(), std::strerror(error_number));
}

void write_file(const std::filesystem::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

void write_file(const std::filesystem::path& target, std::span<const std::uint8_t> bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

}  // namespace mbm
