#include "sim/systemc/read_check.hpp"

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// FNV-1a, 64 bits, continued.
constexpr std::uint64_t kStart = 0xcbf29ce484222325ULL;

std::uint64_t digest_of(std::uint64_t digest, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) digest = (digest ^ byte) * 0x100000001b3ULL;
  return digest;
}

}  // namespace

void ReadCheck::forget() {
  expected_.clear();
  bytes_ = 0;
  digest_ = kStart;
}

void ReadCheck::expect(std::int64_t command, std::span<const std::uint8_t> bytes) {
  if (expected_.empty() || expected_.back().command != command) {
    expected_.push_back({command, 0, kStart});
  }
  Load& load = expected_.back();
  load.bytes += bytes.size();
  load.digest = digest_of(load.digest, bytes);
}

void ReadCheck::arrive(const std::string& client, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (expected_.empty()) {
      fail(ErrorKind::mismatch, "{}: more bytes come over the bus than the commands load", client);
    }
    const Load& load = expected_.front();
    const auto piece = bytes.first(std::min<std::uint64_t>(bytes.size(), load.bytes - bytes_));
    digest_ = digest_of(digest_, piece);
    bytes_ += piece.size();
    bytes = bytes.subspan(piece.size());
    if (bytes_ < load.bytes) return;
    if (digest_ != load.digest) {
      fail(ErrorKind::mismatch,
           "{}: the {} bytes that command {} loads are not those that the memory held", client,
           load.bytes, load.command);
    }
    expected_.pop_front();
    bytes_ = 0;
    digest_ = kStart;
  }
}

}  // namespace mbm
