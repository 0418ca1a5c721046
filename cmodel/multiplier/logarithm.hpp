// The logarithm of an unsigned operand as Mitchell approximates it (IRE Trans. EC-11, 1962):
// log2(v) = characteristic + fraction, where the fraction is what follows the leading one; and its
// inverse.
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

// How the operands of a logarithmic multiplier become fractions of `bits` bits: the low `dropped`
// bits of the full fraction go, and the lowest kept bit is set if `set_lowest`, which halves the
// range of the error and centres it.
struct FractionFormat {
  int full_bits;    // operand width - 1
  int dropped = 0;  // 0..full_bits - 1
  bool set_lowest = false;

  int bits() const { return full_bits - dropped; }
  std::uint32_t one() const { return std::uint32_t{1} << bits(); }

  Logarithm logarithm(std::uint32_t value) const {
    Logarithm result = mitchell_logarithm(value, full_bits);
    result.fraction = (result.fraction >> dropped) | (set_lowest ? 1U : 0U);
    return result;
  }

  // Sum of the logarithms of two operands that are not 0, as one number with bits() bits after its
  // binary point.
  std::uint64_t sum_of_logarithms(std::uint32_t a, std::uint32_t b) const {
    const Logarithm log_a = logarithm(a);
    const Logarithm log_b = logarithm(b);
    const auto characteristics =
        static_cast<std::uint64_t>(log_a.characteristic + log_b.characteristic);
    return (characteristics << bits()) + log_a.fraction + log_b.fraction;
  }
};

// Shifts `mantissa` (`fraction_bits` bits below its binary point) to the place of `characteristic`
// and drops what falls below the binary point of the product.
inline std::uint64_t antilogarithm(std::uint64_t mantissa, int characteristic, int fraction_bits) {
  return (mantissa << characteristic) >> fraction_bits;
}

// Mitchell's antilogarithm 2^(i + f) = 2^i (1 + f), floor, of a logarithm that is one number with
// `fraction_bits` bits after its binary point.
inline std::uint64_t linear_antilogarithm(std::uint64_t logarithm, int fraction_bits) {
  const std::uint64_t one = std::uint64_t{1} << fraction_bits;
  return antilogarithm(one + logarithm % one, static_cast<int>(logarithm >> fraction_bits),
                       fraction_bits);
}

}  // namespace mbm
