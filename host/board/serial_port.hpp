// A serial port of the operating system, raw, 8 data bits, no parity, one stop bit.
#pragma once

#include <string>

#include "host/board/byte_stream.hpp"

namespace mbm {

class SerialPort final : public ByteStream {
 public:
  // Throws Error(device) that names the port if it cannot be opened or set, Error(usage) for a
  // speed that the operating system does not have. What was under way before is thrown away.
  SerialPort(std::string path, int baud);
  ~SerialPort() override;
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

  std::string name() const override { return path_; }
  void write(std::span<const std::uint8_t> bytes) override;
  std::size_t read(std::span<std::uint8_t> bytes, std::chrono::microseconds patience) override;

 private:
  [[noreturn]] void gone(const char* what) const;

  std::string path_;
  int file_ = -1;
};

}  // namespace mbm
