#include "host/board/pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "cmodel/common/error.hpp"
#include "sim/virtual_board.hpp"

namespace mbm {

PseudoTerminal::PseudoTerminal() {
  master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  std::array<char, 128> name{};
  if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0 ||
      ::ptsname_r(master_, name.data(), name.size()) != 0) {
    const int error = errno;
    if (master_ >= 0) ::close(master_);
    fail(ErrorKind::device, "pseudo-terminal: {}", std::strerror(error));
  }
  path_ = name.data();
  slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (slave_ >= 0 && ::tcgetattr(slave_, &settings) == 0) {
    ::cfmakeraw(&settings);
    ::tcsetattr(slave_, TCSANOW, &settings);
  }
}

PseudoTerminal::~PseudoTerminal() {
  if (slave_ >= 0) ::close(slave_);
  ::close(master_);
}

ServeStatistics PseudoTerminal::serve(const std::string& board_name, const LineNoise& noise,
                                      std::chrono::seconds seconds, const std::atomic<bool>& stop) {
  constexpr std::uint64_t kCycles = 2000;      // between looks at the terminal
  constexpr std::uint64_t kIdleCycles = 4096;  // after which a board without traffic is let sleep
  const std::unique_ptr<VirtualBoard> board = make_virtual_board(board_name);
  NoiseSource source(noise);
  ServeStatistics statistics;
  const auto end = std::chrono::steady_clock::now() + seconds;
  std::uint64_t busy_until = kIdleCycles;
  std::array<std::uint8_t, 512> bytes{};
  std::vector<std::uint8_t> passed;
  while (!stop && (seconds.count() == 0 || std::chrono::steady_clock::now() < end)) {
    // Only a program that asks can see what the board does: with nobody asking, the host sleeps
    // while the board goes on slowly.
    pollfd waiting{master_, POLLIN, 0};
    const bool idle = board->cycles() > busy_until;
    ::poll(&waiting, 1, idle ? 10 : 0);
    const ssize_t count =
        (waiting.revents & POLLIN) != 0 ? ::read(master_, bytes.data(), bytes.size()) : 0;
    if (count > 0) {
      passed.clear();
      for (ssize_t i = 0; i < count; ++i) {
        bool arrives = true;
        const std::uint8_t byte = source.pass(bytes[static_cast<std::size_t>(i)], arrives);
        if (arrives) passed.push_back(byte);
      }
      board->send(passed);
      statistics.bytes_in += static_cast<std::uint64_t>(count);
      busy_until = board->cycles() + 1000 * kIdleCycles;
    }
    board->tick(kCycles);
    passed.clear();
    while (const auto byte = board->receive()) {
      bool arrives = true;
      const std::uint8_t out = source.pass(*byte, arrives);
      if (arrives) passed.push_back(out);
    }
    for (std::size_t sent = 0; sent < passed.size() && !stop;) {
      const ssize_t written = ::write(master_, passed.data() + sent, passed.size() - sent);
      if (written > 0) {
        sent += static_cast<std::size_t>(written);
      } else {
        pollfd room{master_, POLLOUT, 0};
        if (::poll(&room, 1, 100) == 0) break;  // nobody reads: the bytes are lost, as on a wire
      }
    }
    statistics.bytes_out += passed.size();
  }
  statistics.cycles = board->cycles();
  statistics.corrupted = source.corrupted();
  statistics.lost = source.lost();
  return statistics;
}

}  // namespace mbm
