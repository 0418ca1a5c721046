// Frames to a board and back (docs/serial-protocol.md): checksums, sequence numbers, repetition.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/board/byte_stream.hpp"

namespace mbm {

enum class BoardOperation : std::uint8_t {
  ping = 0,
  read_registers = 1,
  write_registers = 2,
  read_memory = 3,
  write_memory = 4,
  echo = 5
};

inline constexpr std::size_t kMostFrameWords = 32;

struct LinkStatistics {
  std::uint64_t frames = 0;             // exchanges that ended well
  std::uint64_t repetitions = 0;        // requests that were sent again
  std::uint64_t refused_checksums = 0;  // by the board
  std::uint64_t incomplete = 0;         // requests that the board gave up waiting for
  std::uint64_t damaged_answers = 0;    // wrong checksum
  std::uint64_t missing_answers = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

struct LinkOptions {
  int attempts = 24;  // of a request
  // What the first answer may take; later ones are given four times what answers took, and 20 ms.
  std::chrono::milliseconds patience{1000};
  // Silence after which a board has given up an unfinished frame; a virtual one does so sooner.
  std::chrono::microseconds quiet{6000};
};

// The bus behind the bridge refused an access, or the bridge a request.
struct BoardAnswer {
  bool refused = false;
  std::vector<std::uint32_t> words;
};

class BoardLink {
 public:
  // The stream must outlive the link. Asks for a first answer, so that the board knows the first
  // sequence number. Throws Error(device) that names the port if there is none.
  explicit BoardLink(ByteStream& stream, const LinkOptions& options = {});

  // At most kMostFrameWords words: those written (or echoed), or how many are read. Throws
  // Error(device) after the last attempt, or if the line is gone.
  BoardAnswer write(BoardOperation operation, std::uint32_t address,
                    std::span<const std::uint32_t> words);
  BoardAnswer read(BoardOperation operation, std::uint32_t address, std::size_t count);
  // Whether the interrupt is raised, as of the last answer; ping() asks.
  bool ping();
  bool interrupt() const { return interrupt_; }

  const LinkStatistics& statistics() const { return statistics_; }
  std::string name() const { return stream_.name(); }

 private:
  struct Frame {
    std::uint8_t sequence = 0;
    std::uint8_t status = 0;
    std::vector<std::uint32_t> words;
  };

  BoardAnswer exchange(BoardOperation operation, std::uint32_t address, std::size_t count,
                       std::span<const std::uint32_t> words);
  std::optional<Frame> receive(std::chrono::microseconds patience, bool& damaged);
  void settle();
  bool fill(std::size_t count, std::chrono::steady_clock::time_point end,
            std::chrono::microseconds patience);
  std::chrono::microseconds patience() const;

  ByteStream& stream_;
  LinkOptions options_;
  LinkStatistics statistics_;
  std::vector<std::uint8_t> pending_;  // received and not yet understood
  std::uint8_t sequence_ = 0;
  bool interrupt_ = false;
  double answer_microseconds_ = 0;  // smoothed, 0 before the first
};

}  // namespace mbm
