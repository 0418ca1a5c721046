#include "host/board/serial_port.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

speed_t speed_of(int baud) {
  constexpr std::array<std::pair<int, speed_t>, 9> kSpeeds{{{9600, B9600},
                                                            {115200, B115200},
                                                            {230400, B230400},
                                                            {460800, B460800},
                                                            {921600, B921600},
                                                            {1000000, B1000000},
                                                            {1500000, B1500000},
                                                            {2000000, B2000000},
                                                            {3000000, B3000000}}};
  for (const auto& [value, speed] : kSpeeds) {
    if (value == baud) return speed;
  }
  fail(ErrorKind::usage,
       "--baud: {} found, one of 9600, 115200, 230400, 460800, 921600, 1000000, 1500000, 2000000, "
       "3000000 expected",
       baud);
}

}  // namespace

SerialPort::SerialPort(std::string path, int baud) : path_(std::move(path)) {
  const speed_t speed = speed_of(baud);
  file_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file_ < 0) fail(ErrorKind::device, "{}: cannot be opened: {}", path_, std::strerror(errno));
  termios settings{};
  if (::tcgetattr(file_, &settings) != 0) {
    const int error = errno;
    ::close(file_);
    fail(ErrorKind::device, "{}: no serial port: {}", path_, std::strerror(error));
  }
  ::cfmakeraw(&settings);
  settings.c_cflag |= static_cast<tcflag_t>(CLOCAL | CREAD);
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | PARENB | CRTSCTS);
  ::cfsetispeed(&settings, speed);
  ::cfsetospeed(&settings, speed);
  if (::tcsetattr(file_, TCSANOW, &settings) != 0) {
    const int error = errno;
    ::close(file_);
    fail(ErrorKind::device, "{}: {} baud cannot be set: {}", path_, baud, std::strerror(error));
  }
  ::tcflush(file_, TCIOFLUSH);
}

SerialPort::~SerialPort() {
  ::close(file_);
}

void SerialPort::gone(const char* what) const {
  fail(ErrorKind::device, "{}: {}: is the board still plugged in?", path_, what);
}

void SerialPort::write(std::span<const std::uint8_t> bytes) {
  constexpr int kMilliseconds = 2000;
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) gone(std::strerror(errno));
    pollfd waiting{file_, POLLOUT, 0};
    if (::poll(&waiting, 1, kMilliseconds) == 0) gone("nothing can be written for 2 s");
    if ((waiting.revents & (POLLHUP | POLLERR)) != 0) gone("the port has hung up");
  }
}

std::size_t SerialPort::read(std::span<std::uint8_t> bytes, std::chrono::microseconds patience) {
  pollfd waiting{file_, POLLIN, 0};
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(patience).count() + 1;
  const int ready = ::poll(&waiting, 1, static_cast<int>(milliseconds));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
  if (ready < 0) gone(std::strerror(errno));
  const ssize_t count = ::read(file_, bytes.data(), bytes.size());
  if (count > 0) return static_cast<std::size_t>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  gone(count == 0 ? "the port has hung up" : std::strerror(errno));
}

}  // namespace mbm
