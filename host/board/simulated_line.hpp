// The serial line of a virtual board in this process. Time is the board's: a read waits for cycles,
// as many as `patience` lasts at kCyclesPerMicrosecond.
#pragma once

#include <memory>

#include "host/board/byte_stream.hpp"
#include "sim/virtual_board.hpp"

namespace mbm {

class SimulatedLine final : public ByteStream {
 public:
  static constexpr std::uint64_t kCyclesPerMicrosecond = 18;

  SimulatedLine(std::string board, const LineNoise& noise);

  std::string name() const override { return "sim:" + board_name_; }
  void write(std::span<const std::uint8_t> bytes) override;
  std::size_t read(std::span<std::uint8_t> bytes, std::chrono::microseconds patience) override;

  const NoiseSource& noise() const { return noise_; }
  std::uint64_t cycles() const { return board_->cycles(); }
  // From now on nothing goes through, as if the cable were pulled out.
  void unplug() { unplugged_ = true; }

 private:
  void require_plugged() const;

  std::string board_name_;
  std::unique_ptr<VirtualBoard> board_;
  NoiseSource noise_;
  bool unplugged_ = false;
};

}  // namespace mbm
