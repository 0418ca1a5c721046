#include "host/board/board_link.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <random>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint8_t kRequest = 0x5a;
constexpr std::uint8_t kAnswer = 0xa5;
constexpr std::size_t kAnswerHeader = 4;  // with its first byte
constexpr std::size_t kChecksum = 4;

// Of the status of an answer.
constexpr std::uint8_t kStatusMask = 0x0f;
constexpr std::uint8_t kInterrupt = 0x80;
constexpr std::uint8_t kOkay = 0;
constexpr std::uint8_t kBadRequest = 2;
constexpr std::uint8_t kBadChecksum = 3;
constexpr std::uint8_t kIncomplete = 4;
constexpr std::uint8_t kNoAnswer = 5;

std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint32_t>(::crc32(0, bytes.data(), static_cast<unsigned>(bytes.size())));
}

void put(std::vector<std::uint8_t>& bytes, std::uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  }
}

std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t place) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word |= std::uint32_t{bytes[place + i]} << (8 * i);
  return word;
}

}  // namespace

BoardLink::BoardLink(ByteStream& stream, const LinkOptions& options)
    : stream_(stream),
      options_(options),
      sequence_(static_cast<std::uint8_t>(std::random_device{}())) {
  ping();
}

bool BoardLink::ping() {
  exchange(BoardOperation::ping, 0, 0, {});
  return interrupt_;
}

BoardAnswer BoardLink::write(BoardOperation operation, std::uint32_t address,
                             std::span<const std::uint32_t> words) {
  return exchange(operation, address, words.size(), words);
}

BoardAnswer BoardLink::read(BoardOperation operation, std::uint32_t address, std::size_t count) {
  return exchange(operation, address, count, {});
}

std::chrono::microseconds BoardLink::patience() const {
  if (answer_microseconds_ <= 0) return options_.patience;
  constexpr double kLeast = 20'000;
  const double wanted = 4 * answer_microseconds_ + kLeast;
  return std::min<std::chrono::microseconds>(
      std::chrono::microseconds(static_cast<std::int64_t>(wanted)), options_.patience);
}

BoardAnswer BoardLink::exchange(BoardOperation operation, std::uint32_t address, std::size_t count,
                                std::span<const std::uint32_t> words) {
  if (count > kMostFrameWords) {
    fail(ErrorKind::internal, "frame of {} words found, at most {} expected", count,
         kMostFrameWords);
  }
  ++sequence_;
  std::vector<std::uint8_t> frame{kRequest, sequence_, static_cast<std::uint8_t>(operation),
                                  static_cast<std::uint8_t>(count)};
  put(frame, address);
  for (const std::uint32_t word : words) put(frame, word);
  put(frame, checksum(std::span(frame).subspan(1)));

  std::chrono::microseconds waits = patience();
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0) {
      // The board is still, and no old answer under way, before the request goes out again: else
      // its bytes would meet a board that is sending.
      settle();
      ++statistics_.repetitions;
    }
    const auto begin = std::chrono::steady_clock::now();
    stream_.write(frame);
    statistics_.bytes_sent += frame.size();
    for (;;) {
      bool damaged = false;
      const std::optional<Frame> answer = receive(waits, damaged);
      if (damaged) {
        ++statistics_.damaged_answers;
        break;
      }
      if (!answer) {
        ++statistics_.missing_answers;
        waits = std::min<std::chrono::microseconds>(waits * 3 / 2, options_.patience);
        break;
      }
      const std::uint8_t status = answer->status & kStatusMask;
      if (status == kBadChecksum || status == kIncomplete) {
        ++(status == kIncomplete ? statistics_.incomplete : statistics_.refused_checksums);
        break;
      }
      if (answer->sequence != sequence_) continue;  // of a request that was repeated
      interrupt_ = (answer->status & kInterrupt) != 0;
      ++statistics_.frames;
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      answer_microseconds_ = answer_microseconds_ <= 0
                                 ? took.count()
                                 : 0.875 * answer_microseconds_ + 0.125 * took.count();
      if (status == kNoAnswer) {
        fail(ErrorKind::device, "{}: the machine behind the bridge does not answer (address {:#x})",
             stream_.name(), address);
      }
      if (status == kBadRequest) {
        fail(ErrorKind::device, "{}: the bridge does not know the request {} (address {:#x})",
             stream_.name(), static_cast<int>(operation), address);
      }
      return {status != kOkay, answer->words};
    }
  }
  fail(ErrorKind::device,
       "{}: no good answer to {} attempts ({} damaged, {} missing; {} refused by the board)",
       stream_.name(), options_.attempts, statistics_.damaged_answers, statistics_.missing_answers,
       statistics_.refused_checksums + statistics_.incomplete);
}

// Throws away what comes until nothing has come for a while.
void BoardLink::settle() {
  std::array<std::uint8_t, 256> bytes{};
  const auto end = std::chrono::steady_clock::now() + options_.patience;
  while (stream_.read(bytes, options_.quiet) != 0 && std::chrono::steady_clock::now() < end) {
  }
  pending_.clear();
}

// Until `pending_` holds `count` bytes; false if they do not come. `patience` is for silence, `end`
// for everything.
bool BoardLink::fill(std::size_t count, std::chrono::steady_clock::time_point end,
                     std::chrono::microseconds patience) {
  std::array<std::uint8_t, 256> bytes{};
  while (pending_.size() < count) {
    const std::size_t came = stream_.read(bytes, patience);
    if (came == 0 || std::chrono::steady_clock::now() > end) return false;
    statistics_.bytes_received += came;
    pending_.insert(pending_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(came));
  }
  return true;
}

std::optional<BoardLink::Frame> BoardLink::receive(std::chrono::microseconds patience,
                                                   bool& damaged) {
  // A line that never falls silent must not keep us for ever.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    if (!fill(1, end, patience)) return std::nullopt;
    if (pending_[0] == kAnswer) break;
    pending_.erase(pending_.begin(), std::ranges::find(pending_, kAnswer));
  }
  std::size_t size = kAnswerHeader;
  const bool header = fill(size, end, patience);
  if (header) size += std::size_t{4} * pending_[3] + kChecksum;
  damaged = !header || pending_[3] > kMostFrameWords || !fill(size, end, patience) ||
            word_at(pending_, size - kChecksum) !=
                checksum(std::span(pending_).subspan(1, size - 1 - kChecksum));
  if (damaged) {
    pending_.clear();
    return std::nullopt;
  }
  Frame frame{pending_[1], pending_[2], {}};
  for (std::size_t i = 0; i < pending_[3]; ++i) {
    frame.words.push_back(word_at(pending_, kAnswerHeader + 4 * i));
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
  return frame;
}

}  // namespace mbm
