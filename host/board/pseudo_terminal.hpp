// A virtual board behind a pseudo-terminal: other programs open it as they open a serial port.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "host/board/byte_stream.hpp"

namespace mbm {

struct ServeStatistics {
  std::uint64_t cycles = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t lost = 0;
};

class PseudoTerminal {
 public:
  // Throws Error(device) if the system has none to give.
  PseudoTerminal();
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  const std::string& path() const { return path_; }

  // Runs the board called `board` until `stop` is set or `seconds` have passed (0: for ever).
  ServeStatistics serve(const std::string& board, const LineNoise& noise,
                        std::chrono::seconds seconds, const std::atomic<bool>& stop);

 private:
  int master_ = -1;
  int slave_ = -1;  // held open, so that the line stays when a program closes it
  std::string path_;
};

}  // namespace mbm
