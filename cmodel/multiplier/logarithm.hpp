// The logarithm of an unsigned operand as Mitchell approximates it (IRE Trans. EC-11, 1962):
// log2(v) = characteristic + fraction, where the fraction is what follows the leading one.
#pragma once

#include <bit>
#include <cstdint>

namespace mbm {

struct Logarithm {
  int characteristic;      // position of the leading one
  std::uint32_t fraction;  // bits below the leading one, left-aligned to `fraction_bits`
};

// Logarithm of `value` (non-zero, at most fraction_bits + 1 bits wide).
inline Logarithm mitchell_logarithm(std::uint32_t value, int fraction_bits) {
  const int characteristic = std::bit_width(value) - 1;
  const std::uint32_t mask = (std::uint32_t{1} << fraction_bits) - 1;
  return {characteristic, (value << (fraction_bits - characteristic)) & mask};
}

}  // namespace mbm
