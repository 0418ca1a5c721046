// From real numbers to the operands of a multiplier and back.
//
// Symmetric, per tensor: real = step * code. Codes are sign and 8-bit magnitude (-255..255) or int8
// (-127..127). Rounding is to nearest, ties to even (IEEE 754 roundTiesToEven, as torch.round);
// codes beyond the range saturate and are counted.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mbm {

enum class OperandFormat {
  sign_magnitude8,  // sign and 8-bit magnitude, -255..255
  int8,             // symmetric two's complement, -127..127
};

// Largest code of a format: 255 or 127.
int largest_code(OperandFormat format);

std::string_view operand_format_name(OperandFormat format);

// The format called `name` ("sign-magnitude8" or "int8"); throws Error(usage) otherwise.
OperandFormat parse_operand_format(std::string_view name);

struct QuantizedTensor {
  std::vector<std::int16_t> codes;
  OperandFormat format = OperandFormat::sign_magnitude8;
  float step = 1.0F;           // real value of one code
  std::int64_t saturated = 0;  // elements that lay beyond the range
};

// Largest absolute value; throws Error(input) that names `what` and the index of a NaN or infinity.
float maximum_magnitude(std::span<const float> values, std::string_view what);

// Step that maps `maximum` onto the largest code; 1 for a tensor of zeros, whose codes are all 0.
float step_for_maximum(float maximum, OperandFormat format);

// Quantises `values` with a given step. Throws Error(usage) for a step that is not positive and
// finite, Error(input) for a NaN (named `what`).
QuantizedTensor quantize(std::span<const float> values, float step, OperandFormat format,
                         std::string_view what);

// out[i] = accumulators[i] * step + bias of its channel, in float32, for accumulators of layout
// (batch, channels, plane); `bias` is empty or has one value per channel.
void dequantize(std::span<const std::int32_t> accumulators, float step, std::span<const float> bias,
                std::int64_t channels, std::int64_t plane, std::span<float> out);

// The same for sums of ConvolutionEngine::run_wide.
void dequantize(std::span<const std::int64_t> accumulators, float step, std::span<const float> bias,
                std::int64_t channels, std::int64_t plane, std::span<float> out);

}  // namespace mbm
