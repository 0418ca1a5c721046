// Pseudo-random numbers that are the same on every machine: the standard library fixes its engines
// but not its distributions, so both are written here, from IEEE additions and multiplications
// alone.
#pragma once

#include <array>
#include <cstdint>

namespace mbm::rooms {

// One step of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64-bit words that mixes
// well.
constexpr std::uint64_t mix_bits(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15u;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebu;
  return state ^ (state >> 31);
}

// xoshiro256** (Blackman, Vigna, 2018), seeded through splitmix64.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      word = mix_bits(seed);
      seed += 0x9e3779b97f4a7c15u;
    }
  }

  std::uint64_t bits() {
    const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  // Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * unit(); }

  // Uniform in 0 .. count - 1; `count` is far below 2^32, so the bias of the product is negligible.
  int below(int count) {
    return static_cast<int>(((bits() >> 32) * static_cast<std::uint64_t>(count)) >> 32);
  }

  bool chance(double probability) { return unit() < probability; }

  template <typename Value, std::size_t Count>
  const Value& pick(const std::array<Value, Count>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(Count)))];
  }

 private:
  static constexpr std::uint64_t rotate_left(std::uint64_t word, int count) {
    return (word << count) | (word >> (64 - count));
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace mbm::rooms
