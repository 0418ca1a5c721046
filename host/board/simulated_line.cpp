#include "host/board/simulated_line.hpp"

#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {

SimulatedLine::SimulatedLine(std::string board, const LineNoise& noise)
    : board_name_(std::move(board)), board_(make_virtual_board(board_name_)), noise_(noise) {
  constexpr std::uint64_t kStart = 200;  // the board's own reset
  board_->tick(kStart);
}

void SimulatedLine::require_plugged() const {
  if (unplugged_) fail(ErrorKind::device, "{}: the line is gone", name());
}

void SimulatedLine::write(std::span<const std::uint8_t> bytes) {
  require_plugged();
  std::vector<std::uint8_t> arriving;
  for (const std::uint8_t byte : bytes) {
    bool arrives = true;
    const std::uint8_t passed = noise_.pass(byte, arrives);
    if (arrives) arriving.push_back(passed);
  }
  board_->send(arriving);
}

std::size_t SimulatedLine::read(std::span<std::uint8_t> bytes, std::chrono::microseconds patience) {
  require_plugged();
  constexpr std::uint64_t kStep = 40;
  auto left = static_cast<std::uint64_t>(patience.count()) * kCyclesPerMicrosecond;
  std::size_t count = 0;
  while (count == 0) {
    while (board_->received() == 0 && (left > 0 || board_->unsent() > 0)) {
      board_->tick(kStep);
      if (board_->unsent() == 0) left -= std::min(left, kStep);
    }
    if (board_->received() == 0) break;
    while (count < bytes.size() && board_->received() > 0) {
      bool arrives = true;
      const std::uint8_t byte = noise_.pass(*board_->receive(), arrives);
      if (arrives) bytes[count++] = byte;
    }
  }
  return count;
}

}  // namespace mbm
