// From real numbers to the operands of a multiplier and back.
//
// Symmetric: real = step * code, one step for a tensor or, for weights, one for each output
// channel. Codes are sign and 8-bit magnitude (-255..255), int8 (-127..127) or unsigned (0..255).
// Rounding is to nearest, ties to even (IEEE 754 roundTiesToEven, as torch.round); codes beyond the
// range saturate and are counted.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mbm {

enum class OperandFormat {
  sign_magnitude8,  // sign and 8-bit magnitude, -255..255
  int8,             // symmetric two's complement, -127..127
  uint8,            // 0..255, for what is never negative: activations behind a ReLU
  sign_magnitude6,  // -63..63: operands of narrower exact multipliers, the baselines of a
                    // comparison
  sign_magnitude5,  // -31..31
  sign_magnitude4,  // -15..15
};

// The codes of a format lie between these, each end included.
int smallest_code(OperandFormat format);
int largest_code(OperandFormat format);

std::string_view operand_format_name(OperandFormat format);

// The format called `name` ("sign-magnitude8", "int8", "uint8", "sign-magnitude6", ...); throws
// Error(usage) otherwise.
OperandFormat parse_operand_format(std::string_view name);

struct QuantizedTensor {
  std::vector<std::int16_t> codes;
  OperandFormat format = OperandFormat::sign_magnitude8;
  float step = 1.0F;           // real value of one code
  std::int64_t saturated = 0;  // elements that lay beyond the range
};

// Weights, with a step for all of them or one for each output channel.
struct QuantizedWeights {
  std::vector<std::int16_t> codes;
  OperandFormat format = OperandFormat::sign_magnitude8;
  std::vector<float> steps;
  std::int64_t saturated = 0;
};

// Largest absolute value; throws Error(input) that names `what` and the index of a NaN or infinity.
float maximum_magnitude(std::span<const float> values, std::string_view what);

// Step that maps `maximum` onto the largest code; 1 for a tensor of zeros, whose codes are all 0.
float step_for_maximum(float maximum, OperandFormat format);

// Quantises `values` with a given step. Throws Error(usage) for a step that is not positive and
// finite, Error(input) for a NaN (named `what`).
QuantizedTensor quantize(std::span<const float> values, float step, OperandFormat format,
                         std::string_view what);

// The same with steps[i] for the i-th of steps.size() equal parts of `values`, which for weights
// are output channels. Throws Error(usage) too if they cannot be cut so.
QuantizedWeights quantize_channels(std::span<const float> values, std::vector<float> steps,
                                   OperandFormat format, std::string_view what);

// out[i] = accumulators[i] * step + bias of its channel, in float32, for accumulators of layout
// (batch, channels, plane); `steps` has one value, or one per channel; `bias` is empty or has one
// value per channel.
void dequantize(std::span<const std::int32_t> accumulators, std::span<const float> steps,
                std::span<const float> bias, std::int64_t channels, std::int64_t plane,
                std::span<float> out);

// The same for sums of ConvolutionEngine::run_wide.
void dequantize(std::span<const std::int64_t> accumulators, std::span<const float> steps,
                std::span<const float> bias, std::int64_t channels, std::int64_t plane,
                std::span<float> out);

}  // namespace mbm
