// A serial line as the board link sees it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace mbm {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // "/dev/ttyUSB1", for messages.
  virtual std::string name() const = 0;

  // Both throw Error(device) if the line is gone.
  virtual void write(std::span<const std::uint8_t> bytes) = 0;
  // Waits for at least one byte, at most `patience`; returns how many came, 0 for none.
  virtual std::size_t read(std::span<std::uint8_t> bytes, std::chrono::microseconds patience) = 0;
};

// What may happen to each byte, either way: probabilities 0..1.
struct LineNoise {
  double corrupted = 0;  // one bit is flipped
  double lost = 0;
  std::uint32_t seed = 1;

  bool none() const { return corrupted <= 0 && lost <= 0; }
};

// Draws the fate of bytes.
class NoiseSource {
 public:
  explicit NoiseSource(const LineNoise& noise) : noise_(noise), generator_(noise.seed) {}

  // The byte that arrives; `arrives` is false if none does.
  std::uint8_t pass(std::uint8_t byte, bool& arrives);

  std::uint64_t corrupted() const { return corrupted_; }
  std::uint64_t lost() const { return lost_; }

 private:
  LineNoise noise_;
  std::mt19937 generator_;
  std::uint64_t corrupted_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace mbm
