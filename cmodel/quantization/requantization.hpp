// From sums of products to the operands of the next layer, in integers: bias, scale, rounding,
// activation and saturation. This is the arithmetic of the accelerator's requantiser, bit for bit.
//
// A sum A of output channel o stands for the real number A * (S_w[o] S_x); the operand q of the
// next layer for q * S_y. With M = S_w[o] S_x / S_y as multiplier * 2^-shift
//
//     v = A + bias                               33 bits, exact
//     p = v * (v < 0 ? negative_multiplier : multiplier)
//     q = clamp((p + offset) >> shift, lowest, highest)
//
// where >> rounds towards minus infinity and offset is 2^(shift-1) for rounding to nearest (ties
// upwards) and 0 for floor. ReLU is lowest = 0, ReLU6 also highest = round(6 / S_y), LeakyReLU a
// negative multiplier of slope * multiplier. The scheme of a multiplier and a shift is that of
// Jacob et al., CVPR 2018, equations 5 to 7, here with 16 bits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mbm {

enum class RequantizationRounding {
  nearest,  // ties towards plus infinity
  floor,    // no carry, -1/2 of a step on average
};

std::string_view requantization_rounding_name(RequantizationRounding rounding);

// The rounding called `name` ("nearest" or "floor"); throws Error(usage) otherwise.
RequantizationRounding parse_requantization_rounding(std::string_view name);

// multiplier * 2^-shift.
struct FixedPointScale {
  std::uint16_t multiplier = 0;
  std::uint8_t shift = 0;  // 0..kLargestRequantizationShift

  double value() const;
};

inline constexpr int kLargestRequantizationShift = 47;

// The nearest scale to `factor`, its multiplier in 2^15..2^16-1 (relative error at most 2^-16),
// less only where the shift would pass its largest value. Throws Error(usage) unless 0 <= factor <
// 2^16.
FixedPointScale fixed_point_scale(double factor);

struct ChannelRequantization {
  std::int32_t bias = 0;  // in steps of the sums
  std::uint16_t multiplier = 0;
  std::uint16_t negative_multiplier = 0;  // for sums below zero, bias included
  std::uint8_t shift = 0;                 // 0..kLargestRequantizationShift
  std::int32_t divisor = 0;  // not 0: divides, and neither the multipliers nor the shift count

  bool operator==(const ChannelRequantization&) const = default;
};

// `factor` (S_w S_x / S_y) and `negative_slope` (1 without an activation or with ReLU, the slope of
// a LeakyReLU, 0..1) as the fields of a channel. Throws Error(usage) as fixed_point_scale, and for
// a slope out of range.
ChannelRequantization channel_requantization(double factor, double negative_slope,
                                             std::int32_t bias);

// The same by division: round(1 / factor), whose relative error is at most factor / 2. Throws
// Error(usage) for a factor that is not positive or whose divisor is not in 1..2^31-1, that is
// above 2 or below 2^-31.
ChannelRequantization divided_requantization(double factor, std::int32_t bias);

struct Requantization {
  std::vector<ChannelRequantization> channels;  // one for each output channel
  RequantizationRounding rounding = RequantizationRounding::nearest;
  std::int16_t lowest = -255;
  std::int16_t highest = 255;

  // Throws Error(usage) that names the first channel whose shift or divisor is out of range, or
  // bounds that are out of -255..255 or exchanged.
  void validate() const;

  // Whether a channel divides.
  bool divides() const;
};

// The definition: one sum.
std::int16_t requantize(std::int32_t sum, const ChannelRequantization& channel,
                        const Requantization& layer);

// The same for sums of layout (batch, channels, plane), `plane` sums each; vectorised. `codes` has
// as many elements as `sums`. Throws Error(usage) if the counts do not fit.
void requantize(std::span<const std::int32_t> sums, const Requantization& layer, std::int64_t plane,
                std::span<std::int16_t> codes);

// Sum of two tensors of different steps: q = clamp((a * multiplier_a + b * multiplier_b + offset)
// >> shift, lowest, highest).
struct AdditionRequantization {
  std::uint16_t multiplier_a = 0;
  std::uint16_t multiplier_b = 0;
  std::uint8_t shift = 0;  // 0..kLargestRequantizationShift
  RequantizationRounding rounding = RequantizationRounding::nearest;
  std::int16_t lowest = -255;
  std::int16_t highest = 255;
};

// Multipliers and shift for a * factor_a + b * factor_b (factors S_a / S_y and S_b / S_y): the
// shift serves the larger factor. Throws Error(usage) as fixed_point_scale.
AdditionRequantization addition_requantization(double factor_a, double factor_b);

std::int16_t requantize_addition(int a, int b, const AdditionRequantization& addition);

// `sum` clamped to two's complement of `bits` bits, 2..63: what an accumulator of that width keeps
// after each addition.
constexpr std::int64_t saturate_to_bits(std::int64_t sum, int bits) {
  const std::int64_t largest = (std::int64_t{1} << (bits - 1)) - 1;
  if (sum > largest) return largest;
  return sum < -largest - 1 ? -largest - 1 : sum;
}

}  // namespace mbm
