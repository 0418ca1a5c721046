// Digits as a hand might draw them: strokes, moved and bent at random. The same seed gives the same
// digit on every machine.
#pragma once

#include <array>
#include <cstdint>

namespace mbm::digits {

// Raised when the digit of a seed changes.
inline constexpr int kDigitsVersion = 1;

inline constexpr int kSize = 28;  // pixels, both ways

struct Digit {
  int label = 0;                                     // 0..9
  std::array<std::uint8_t, kSize * kSize> pixels{};  // rows; 0 is background, 255 ink
};

// The digit of `seed`: its label, the form of it that is drawn, pen and distortion are all random.
Digit draw_digit(std::uint64_t seed);

}  // namespace mbm::digits
