#include "cmodel/energy/element_form.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace mbm {
namespace {

constexpr int kCharacteristicBits = 3;

std::uint64_t mitchell_logarithm(std::uint32_t magnitude, int fraction_bits) {
  int characteristic = 0;
  while (magnitude >> (characteristic + 1) != 0) ++characteristic;
  const std::uint64_t aligned = std::uint64_t{magnitude} << (7 - characteristic) & 127U;
  return static_cast<std::uint64_t>(characteristic) << fraction_bits |
         aligned >> (7 - fraction_bits);
}

std::uint64_t rounded_logarithm(std::uint32_t magnitude, int fraction_bits) {
  const long nearest = std::lround(std::log2(magnitude) * (1 << fraction_bits));
  const long largest = (1L << (kCharacteristicBits + fraction_bits)) - 1;
  return static_cast<std::uint64_t>(std::min(nearest, largest));
}

}  // namespace

int ElementForm::reduced(int code, int code_bits) const {
  if (width >= code_bits) return code;
  const int largest = (1 << width) - 1;
  const int largest_code = (1 << code_bits) - 1;
  return static_cast<int>(std::lround(static_cast<double>(code) * largest / largest_code));
}

std::uint64_t ElementForm::bits(int operand) const {
  const auto magnitude = static_cast<std::uint32_t>(std::abs(operand));
  const std::uint64_t sign = operand < 0 ? 1 : 0;
  const std::uint64_t enabled = magnitude != 0 ? 1 : 0;
  if (coding == OperandCoding::twos_complement) {
    return static_cast<std::uint64_t>(operand) & ((std::uint64_t{2} << width) - 1);
  }
  if (coding == OperandCoding::magnitude) {
    return sign << (width + 1) | enabled << width | magnitude;
  }
  std::uint64_t logarithm = 0;
  if (magnitude != 0) {
    logarithm = true_logarithm ? rounded_logarithm(magnitude, fraction_bits)
                               : mitchell_logarithm(magnitude, fraction_bits);
  }
  const int payload = kCharacteristicBits + fraction_bits;
  return sign << (payload + 1) | enabled << payload | logarithm;
}

std::int64_t ElementForm::term(const ProductTable& table, int weight, int activation) const {
  const std::int64_t product = table(static_cast<std::size_t>(std::abs(weight)),
                                     static_cast<std::size_t>(std::abs(activation))) >>
                               dropped_bits;
  return (weight < 0) != (activation < 0) ? -product : product;
}

}  // namespace mbm
