#include "cmodel/quantization/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cmodel/common/error.hpp"

namespace mbm {

int largest_code(OperandFormat format) {
  return format == OperandFormat::int8 ? 127 : 255;
}

std::string_view operand_format_name(OperandFormat format) {
  return format == OperandFormat::int8 ? "int8" : "sign-magnitude8";
}

OperandFormat parse_operand_format(std::string_view name) {
  if (name == "int8") return OperandFormat::int8;
  if (name == "sign-magnitude8") return OperandFormat::sign_magnitude8;
  fail(ErrorKind::usage, "unknown operand format '{}'; expected sign-magnitude8 or int8", name);
}

float maximum_magnitude(std::span<const float> values, std::string_view what) {
  float maximum = 0.0F;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      fail(ErrorKind::input, "{}: element {} is {}, a finite number expected", what, i, values[i]);
    }
    maximum = std::max(maximum, std::fabs(values[i]));
  }
  return maximum;
}

float step_for_maximum(float maximum, OperandFormat format) {
  const float step = maximum / static_cast<float>(largest_code(format));
  return step >= std::numeric_limits<float>::min() ? step : 1.0F;
}

QuantizedTensor quantize(std::span<const float> values, float step, OperandFormat format,
                         std::string_view what) {
  if (!(step > 0.0F) || !std::isfinite(step)) {
    fail(ErrorKind::usage, "{}: quantisation step {} found, a positive number expected", what,
         step);
  }
  const auto limit = static_cast<float>(largest_code(format));
  QuantizedTensor result{std::vector<std::int16_t>(values.size()), format, step, 0};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) fail(ErrorKind::input, "{}: element {} is NaN", what, i);
    const float rounded = std::nearbyint(values[i] / step);
    const float clamped = std::clamp(rounded, -limit, limit);
    result.saturated += clamped != rounded ? 1 : 0;
    result.codes[i] = static_cast<std::int16_t>(clamped);
  }
  return result;
}

void dequantize(std::span<const std::int32_t> accumulators, float step, std::span<const float> bias,
                std::int64_t channels, std::int64_t plane, std::span<float> out) {
  for (std::size_t i = 0; i < accumulators.size(); ++i) {
    const auto channel =
        static_cast<std::size_t>((static_cast<std::int64_t>(i) / plane) % channels);
    const float offset = bias.empty() ? 0.0F : bias[channel];
    out[i] = static_cast<float>(accumulators[i]) * step + offset;
  }
}

}  // namespace mbm
