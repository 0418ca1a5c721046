// Operands of the next layer as logarithms: what the requantiser gives an array of logarithmic
// elements, so that its edges need no encoders and small numbers keep their relative precision.
//
// A log code is sign and magnitude; the magnitude's seven bits {characteristic[2:0], fraction[3:0]}
// stand for the number 2^(characteristic + fraction / 16) in steps of the tensor, and 0 for the
// number 0. A signed code is -127..127; codes are in the order of their numbers.
#pragma once

#include <cstdint>

#include "cmodel/quantization/requantization.hpp"

namespace mbm {

inline constexpr int kLargestLogCode = 127;  // 2^(7 + 15/16)

// The code of magnitude * 2^-shift, 0..127, for a magnitude below 2^52 and a shift of
// 0..kLargestRequantizationShift. With n the position of the magnitude's leading one and f the
// eight bits after it (cut), the code is 16 (n - shift) + round(16 log2(1 + (f + 0.5) / 256)): at
// least 1 and at most kLargestLogCode where n - shift >= -1, 1 itself for n - shift = -1, and 0
// below.
int log_code(std::uint64_t magnitude, int shift);

// What a signed code stands for, in steps of the tensor.
double log_code_value(int code);

// The definition for one sum, as requantize(), but with a log code in place of the rounded shift:
// the log code of |p|, with the sign of p, clamped to lowest..highest, which are signed codes. The
// rounding is not used.
std::int16_t requantize_to_log_code(std::int32_t sum, const ChannelRequantization& channel,
                                    const Requantization& layer);

}  // namespace mbm
