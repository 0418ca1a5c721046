#include "cmodel/array/log_operand.hpp"

#include <bit>

namespace mbm {
namespace {

constexpr int kWidth = 8;
constexpr int kCodeFractionBits = 4;
struct Encoded {
  bool nonzero;
  int logarithm;  // characteristic and fraction_bits of fraction
};

Encoded encode_operand(const LogGrid& grid, int magnitude, bool is_code) {
  if (magnitude == 0) return {false, 0};
  if (is_code) return {true, (magnitude << grid.fraction_bits) >> kCodeFractionBits};
  const int characteristic = static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 1;
  const int fraction = (magnitude << (kWidth - 1 - characteristic)) & 127;
  const int dropped = kWidth - 1 - grid.fraction_bits;
  return {true, (characteristic << grid.fraction_bits) + (fraction >> dropped)};
}

}  // namespace

std::int32_t log_domain_product(const LogGrid& grid, int weight, bool weight_is_code,
                                int activation, bool activation_is_code) {
  const Encoded a = encode_operand(grid, weight, weight_is_code);
  const Encoded b = encode_operand(grid, activation, activation_is_code);
  if (!a.nonzero || !b.nonzero) return 0;
  const int bits = grid.fraction_bits;
  const int one = 1 << bits;
  const int sum = a.logarithm + b.logarithm;
  const int characteristic = sum >> bits;
  const int fraction = sum & (one - 1);
  const int carry = ((a.logarithm & (one - 1)) + (b.logarithm & (one - 1))) >> bits;
  int corrected = fraction;
  bool round_up = false;
  if (grid.kind != 0) {
    const int constant = (10 >> (kWidth - 1 - bits)) >> carry;
    const bool reference = grid.kind == 2;
    const bool skip = reference ? carry != 0 && fraction > 118
                                : fraction + constant >= one && characteristic == 2 * kWidth - 1;
    corrected = skip ? fraction : fraction + constant;
    round_up = !reference && carry != 0 && (bits == kWidth - 1 || characteristic < 7);
  }
  const std::int64_t shifted = std::int64_t{one + corrected} << characteristic;
  const bool lost = (shifted & (one - 1)) != 0;
  return static_cast<std::int32_t>((shifted >> bits) + (round_up && lost ? 1 : 0));
}

}  // namespace mbm
