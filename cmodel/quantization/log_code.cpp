#include "cmodel/quantization/log_code.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace mbm {

namespace {

constexpr int kFractionBits = 4;
constexpr int kIndexBits = 8;  // bits after the leading one that are looked at

// round(16 log2(1 + (f + 0.5) / 256)), 0..16. No entry is near a half, so that any library's
// logarithm gives the same table.
const std::array<int, 1 << kIndexBits>& log_fractions() {
  static const std::array<int, 1 << kIndexBits> fractions = [] {
    std::array<int, 1 << kIndexBits> entries{};
    for (std::size_t f = 0; f < entries.size(); ++f) {
      const double mantissa = 1.0 + (static_cast<double>(f) + 0.5) / (1 << kIndexBits);
      entries[f] = static_cast<int>(std::lround(std::log2(mantissa) * (1 << kFractionBits)));
    }
    return entries;
  }();
  return fractions;
}

}  // namespace

int log_code(std::uint64_t magnitude, int shift) {
  if (magnitude == 0) return 0;
  const int leading_one = std::bit_width(magnitude) - 1;
  const int characteristic = leading_one - shift;
  if (characteristic < 0) return characteristic == -1 ? 1 : 0;
  const std::uint64_t aligned = magnitude << (63 - leading_one);  // the leading one on top
  const auto fraction = static_cast<std::size_t>(aligned << 1 >> (64 - kIndexBits));
  const int code = (characteristic << kFractionBits) + log_fractions()[fraction];
  return std::clamp(code, 1, kLargestLogCode);
}

double log_code_value(int code) {
  if (code == 0) return 0.0;
  const double magnitude = std::exp2(static_cast<double>(std::abs(code)) / (1 << kFractionBits));
  return code < 0 ? -magnitude : magnitude;
}

std::int16_t requantize_to_log_code(std::int32_t sum, const ChannelRequantization& channel,
                                    const Requantization& layer) {
  const std::int64_t value = std::int64_t{sum} + channel.bias;
  const std::int64_t factor = value < 0 ? channel.negative_multiplier : channel.multiplier;
  const std::int64_t product = value * factor;
  const int code = log_code(static_cast<std::uint64_t>(std::abs(product)), channel.shift);
  return static_cast<std::int16_t>(
      std::clamp<int>(product < 0 ? -code : code, layer.lowest, layer.highest));
}

}  // namespace mbm
