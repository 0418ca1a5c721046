#include "host/format/byte_source.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint64_t kPortion = std::uint64_t{1} << 22;

}  // namespace

std::size_t FileSource::read(std::span<std::uint8_t> bytes) {
  const std::uint64_t count = std::min<std::uint64_t>(bytes.size(), file_.size() - position_);
  file_.read_at(position_, bytes.first(count), "the file");
  position_ += count;
  return count;
}

std::size_t MemorySource::read(std::span<std::uint8_t> bytes) {
  const std::size_t count = std::min(bytes.size(), bytes_.size());
  std::copy_n(bytes_.begin(), count, bytes.begin());
  bytes_ = bytes_.subspan(count);
  return count;
}

void read_exactly(ByteSource& source, std::span<std::uint8_t> bytes, std::string_view where,
                  std::string_view what) {
  const std::size_t count = source.read(bytes);
  if (count != bytes.size()) {
    fail(ErrorKind::input, "{}: ends inside {}: {} bytes of {} are there", where, what, count,
         bytes.size());
  }
}

std::vector<std::uint8_t> read_bytes(ByteSource& source, std::uint64_t count,
                                     std::string_view where, std::string_view what) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count) {
    const std::size_t begin = bytes.size();
    bytes.resize(begin + std::min(kPortion, count - begin));
    const std::size_t read = source.read(std::span(bytes).subspan(begin));
    if (begin + read != bytes.size()) {
      fail(ErrorKind::input, "{}: ends inside {}: {} bytes of {} are there", where, what,
           begin + read, count);
    }
  }
  return bytes;
}

void skip_bytes(ByteSource& source, std::uint64_t count, std::string_view where,
                std::string_view what) {
  std::vector<std::uint8_t> portion(std::min(kPortion, count));
  for (std::uint64_t left = count; left > 0;) {
    const std::span part = std::span(portion).first(std::min<std::uint64_t>(left, portion.size()));
    read_exactly(source, part, where, what);
    left -= part.size();
  }
}

}  // namespace mbm
