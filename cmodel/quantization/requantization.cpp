#include "cmodel/quantization/requantization.hpp"

#include <algorithm>
#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {

namespace {

constexpr int kMultiplierBits = 16;
constexpr double kMultiplierLimit = 65536.0;  // 2^kMultiplierBits
constexpr int kLargestCode = 255;

std::int64_t rounding_offset(RequantizationRounding rounding, int shift) {
  const bool nearest = rounding == RequantizationRounding::nearest && shift > 0;
  return nearest ? std::int64_t{1} << (shift - 1) : 0;
}

void check_bounds(int lowest, int highest) {
  if (lowest < -kLargestCode || highest > kLargestCode || lowest > highest) {
    fail(ErrorKind::usage,
         "requantisation: codes {} to {} found, a range within -255..255 expected", lowest,
         highest);
  }
}

}  // namespace

std::string_view requantization_rounding_name(RequantizationRounding rounding) {
  return rounding == RequantizationRounding::floor ? "floor" : "nearest";
}

RequantizationRounding parse_requantization_rounding(std::string_view name) {
  if (name == "nearest") return RequantizationRounding::nearest;
  if (name == "floor") return RequantizationRounding::floor;
  fail(ErrorKind::usage, "unknown rounding '{}'; expected nearest or floor", name);
}

double FixedPointScale::value() const {
  return std::ldexp(static_cast<double>(multiplier), -static_cast<int>(shift));
}

FixedPointScale fixed_point_scale(double factor) {
  if (!(factor >= 0.0 && factor < kMultiplierLimit)) {
    fail(ErrorKind::usage, "requantisation factor {} found, 0 to below 65536 expected", factor);
  }
  if (factor == 0.0) return {};
  int exponent = 0;  // factor = fraction * 2^exponent, fraction in [0.5, 1)
  std::frexp(factor, &exponent);
  int shift = std::clamp(kMultiplierBits - exponent, 0, kLargestRequantizationShift);
  double multiplier = std::nearbyint(std::ldexp(factor, shift));
  if (multiplier == kMultiplierLimit) {
    multiplier = shift > 0 ? kMultiplierLimit / 2 : kMultiplierLimit - 1;
    shift = std::max(shift - 1, 0);
  }
  return {static_cast<std::uint16_t>(multiplier), static_cast<std::uint8_t>(shift)};
}

ChannelRequantization channel_requantization(double factor, double negative_slope,
                                             std::int32_t bias) {
  if (!(negative_slope >= 0.0 && negative_slope <= 1.0)) {
    fail(ErrorKind::usage, "slope {} of the negative half found, 0 to 1 expected", negative_slope);
  }
  const FixedPointScale scale = fixed_point_scale(factor);
  const double negative = std::nearbyint(scale.multiplier * negative_slope);
  return {bias, scale.multiplier, static_cast<std::uint16_t>(negative), scale.shift};
}

ChannelRequantization divided_requantization(double factor, std::int32_t bias) {
  const double divisor = std::nearbyint(1.0 / factor);
  constexpr double kLargestDivisor = 2147483647.0;
  if (!(factor > 0.0 && divisor >= 1.0 && divisor <= kLargestDivisor)) {
    fail(ErrorKind::usage,
         "requantisation by division: factor {} found, one whose reciprocal rounds to 1..2^31-1 "
         "expected",
         factor);
  }
  return {.bias = bias, .divisor = static_cast<std::int32_t>(divisor)};
}

bool Requantization::divides() const {
  return std::any_of(channels.begin(), channels.end(),
                     [](const ChannelRequantization& channel) { return channel.divisor != 0; });
}

void Requantization::validate() const {
  check_bounds(lowest, highest);
  for (std::size_t o = 0; o < channels.size(); ++o) {
    if (channels[o].shift > kLargestRequantizationShift) {
      fail(ErrorKind::usage, "requantisation: shift {} of channel {} found, 0 to {} expected",
           channels[o].shift, o, kLargestRequantizationShift);
    }
    if (channels[o].divisor < 0) {
      fail(ErrorKind::usage, "requantisation: divisor {} of channel {} found, 0 or more expected",
           channels[o].divisor, o);
    }
  }
}

namespace {

// Of a channel, widened once for the loop over its sums.
struct WideChannel {
  std::int64_t bias;
  std::int64_t multiplier;
  std::int64_t negative_multiplier;
  std::int64_t offset;
  int shift;
  std::int64_t divisor;
  bool to_nearest;
  std::int64_t lowest;
  std::int64_t highest;

  WideChannel(const ChannelRequantization& channel, const Requantization& layer)
      : bias(channel.bias),
        multiplier(channel.multiplier),
        negative_multiplier(channel.negative_multiplier),
        offset(rounding_offset(layer.rounding, channel.shift)),
        shift(channel.shift),
        divisor(channel.divisor),
        to_nearest(layer.rounding == RequantizationRounding::nearest),
        lowest(layer.lowest),
        highest(layer.highest) {}
};

[[gnu::always_inline]] inline std::int16_t requantize_one(std::int64_t sum,
                                                          const WideChannel& channel) {
  const std::int64_t value = sum + channel.bias;
  const std::int64_t factor = value < 0 ? channel.negative_multiplier : channel.multiplier;
  const std::int64_t code = (value * factor + channel.offset) >> channel.shift;
  return static_cast<std::int16_t>(std::clamp(code, channel.lowest, channel.highest));
}

std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

std::int16_t requantize_by_division(std::int64_t sum, const WideChannel& channel) {
  const std::int64_t value = sum + channel.bias;
  const std::int64_t divisor = channel.divisor;
  const std::int64_t code = channel.to_nearest ? floor_divide(2 * value + divisor, 2 * divisor)
                                               : floor_divide(value, divisor);
  return static_cast<std::int16_t>(std::clamp(code, channel.lowest, channel.highest));
}

[[gnu::always_inline]] inline void requantize_loop(const std::int32_t* sums, std::size_t count,
                                                   const WideChannel& channel,
                                                   std::int16_t* codes) {
  for (std::size_t i = 0; i < count; ++i) codes[i] = requantize_one(sums[i], channel);
}

void requantize_plain(const std::int32_t* sums, std::size_t count, const WideChannel& channel,
                      std::int16_t* codes) {
  requantize_loop(sums, count, channel, codes);
}

void requantize_dividing(const std::int32_t* sums, std::size_t count, const WideChannel& channel,
                         std::int16_t* codes) {
  for (std::size_t i = 0; i < count; ++i) codes[i] = requantize_by_division(sums[i], channel);
}

// The same loop as the plain one, for the compiler to vectorise with 64-bit products and arithmetic
// shifts.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void requantize_avx512(
    const std::int32_t* sums, std::size_t count, const WideChannel& channel, std::int16_t* codes) {
  requantize_loop(sums, count, channel, codes);
}

bool has_avx512() {
  static const bool has = __builtin_cpu_supports("avx512dq") != 0 &&
                          __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vl") != 0;
  return has;
}

}  // namespace

std::int16_t requantize(std::int32_t sum, const ChannelRequantization& channel,
                        const Requantization& layer) {
  const WideChannel wide(channel, layer);
  return channel.divisor != 0 ? requantize_by_division(sum, wide) : requantize_one(sum, wide);
}

void requantize(std::span<const std::int32_t> sums, const Requantization& layer, std::int64_t plane,
                std::span<std::int16_t> codes) {
  layer.validate();
  const auto size = static_cast<std::size_t>(plane);
  const std::size_t channels = layer.channels.size();
  if (plane <= 0 || channels == 0 || sums.size() % (size * channels) != 0 ||
      codes.size() != sums.size()) {
    fail(ErrorKind::usage,
         "requantisation: {} sums and {} codes found, multiples of {} channels times {} expected",
         sums.size(), codes.size(), channels, plane);
  }
  const auto loop = has_avx512() ? requantize_avx512 : requantize_plain;
  for (std::size_t begin = 0; begin < sums.size(); begin += size) {
    const WideChannel channel(layer.channels[begin / size % channels], layer);
    const auto chosen = channel.divisor != 0 ? requantize_dividing : loop;
    chosen(sums.data() + begin, size, channel, codes.data() + begin);
  }
}

AdditionRequantization addition_requantization(double factor_a, double factor_b) {
  const FixedPointScale larger = fixed_point_scale(std::max(factor_a, factor_b));
  fixed_point_scale(std::min(factor_a, factor_b));  // its range is checked
  const auto multiplier = [&](double factor) {
    const double scaled = std::nearbyint(std::ldexp(factor, larger.shift));
    return static_cast<std::uint16_t>(std::min(scaled, kMultiplierLimit - 1));
  };
  return {.multiplier_a = multiplier(factor_a),
          .multiplier_b = multiplier(factor_b),
          .shift = larger.shift};
}

std::int16_t requantize_addition(int a, int b, const AdditionRequantization& addition) {
  const std::int64_t sum = std::int64_t{a} * addition.multiplier_a +
                           std::int64_t{b} * addition.multiplier_b +
                           rounding_offset(addition.rounding, addition.shift);
  return static_cast<std::int16_t>(
      std::clamp<std::int64_t>(sum >> addition.shift, addition.lowest, addition.highest));
}

}  // namespace mbm
