#include "cmodel/array/log_operand.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace mbm {
namespace {

constexpr int kWidth = 8;
constexpr int kCodeFractionBits = 4;
constexpr int kLargestCode = 127;

// round(16 log2(1 + (f + 0.5) / 256)) of the eight bits f after a leading one.
const std::array<int, 256>& fraction_table() {
  static const std::array<int, 256> kTable = [] {
    std::array<int, 256> table{};
    for (std::size_t f = 0; f < table.size(); ++f) {
      const double mantissa = 1.0 + (static_cast<double>(f) + 0.5) / 256.0;
      table[f] = static_cast<int>(std::lround(16.0 * std::log2(mantissa)));
    }
    return table;
  }();
  return kTable;
}

struct Encoded {
  bool nonzero;
  int logarithm;  // characteristic and fraction_bits of fraction
};

Encoded encode_operand(const LogGrid& grid, int magnitude, bool is_code) {
  if (magnitude == 0) return {false, 0};
  if (is_code) return {true, (magnitude << grid.fraction_bits) >> kCodeFractionBits};
  const int characteristic = std::bit_width(static_cast<unsigned>(magnitude)) - 1;
  const int fraction = (magnitude << (kWidth - 1 - characteristic)) & 127;
  const int dropped = kWidth - 1 - grid.fraction_bits;
  return {true, (characteristic << grid.fraction_bits) + (fraction >> dropped)};
}

}  // namespace

std::int16_t log_code(std::int64_t value, int shift) {
  if (value == 0) return 0;
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const int leading = std::bit_width(magnitude) - 1;
  const int characteristic = leading - shift;
  const std::uint64_t aligned = magnitude << (63 - leading);
  const auto fraction = static_cast<std::size_t>((aligned >> 55) & 255U);
  int code = 0;
  if (characteristic >= 0) {
    code = std::clamp((characteristic << kCodeFractionBits) + fraction_table().at(fraction), 1,
                      kLargestCode);
  } else {
    code = characteristic == -1 ? 1 : 0;
  }
  return static_cast<std::int16_t>(value < 0 ? -code : code);
}

std::int16_t log_requantize(std::int32_t sum, const ChannelRequantization& channel,
                            const Requantization& layer) {
  const std::int64_t value = std::int64_t{sum} + channel.bias;
  const std::int64_t factor = value < 0 ? channel.negative_multiplier : channel.multiplier;
  return std::clamp(log_code(value * factor, channel.shift), layer.lowest, layer.highest);
}

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
