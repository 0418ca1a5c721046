#include "cmodel/quantization/quantization.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/quantization/rounding.hpp"

namespace mbm {

int smallest_code(OperandFormat format) {
  return format == OperandFormat::uint8 ? 0 : -largest_code(format);
}

int largest_code(OperandFormat format) {
  switch (format) {
    case OperandFormat::int8:
      return 127;
    case OperandFormat::sign_magnitude6:
      return 63;
    case OperandFormat::sign_magnitude5:
      return 31;
    case OperandFormat::sign_magnitude4:
      return 15;
    case OperandFormat::uint8:
    case OperandFormat::sign_magnitude8:
      break;
  }
  return 255;
}

std::string_view operand_format_name(OperandFormat format) {
  switch (format) {
    case OperandFormat::int8:
      return "int8";
    case OperandFormat::uint8:
      return "uint8";
    case OperandFormat::sign_magnitude6:
      return "sign-magnitude6";
    case OperandFormat::sign_magnitude5:
      return "sign-magnitude5";
    case OperandFormat::sign_magnitude4:
      return "sign-magnitude4";
    case OperandFormat::sign_magnitude8:
      break;
  }
  return "sign-magnitude8";
}

OperandFormat parse_operand_format(std::string_view name) {
  for (const OperandFormat format :
       {OperandFormat::sign_magnitude8, OperandFormat::int8, OperandFormat::uint8,
        OperandFormat::sign_magnitude6, OperandFormat::sign_magnitude5,
        OperandFormat::sign_magnitude4}) {
    if (name == operand_format_name(format)) return format;
  }
  fail(ErrorKind::usage,
       "unknown operand format '{}'; expected sign-magnitude8, int8, uint8 or "
       "sign-magnitude6, 5 or 4",
       name);
}

namespace {

// As bit patterns without sign floats are in the order of their magnitudes, NaN and infinity last:
// one integer maximum finds both the largest and whether all are finite.
[[gnu::always_inline]] inline std::int32_t largest_pattern_loop(std::span<const float> values) {
  constexpr std::int32_t kMagnitude = 0x7FFFFFFF;
  std::int32_t largest = 0;
  for (const float value : values) {
    const std::int32_t pattern = std::bit_cast<std::int32_t>(value) & kMagnitude;
    largest = pattern > largest ? pattern : largest;
  }
  return largest;
}

std::int32_t largest_pattern_plain(std::span<const float> values) {
  return largest_pattern_loop(values);
}

// The same loop, for the compiler to vectorise with the maximum that SSE2 lacks.
[[gnu::target("avx2")]] std::int32_t largest_pattern_avx2(std::span<const float> values) {
  return largest_pattern_loop(values);
}

}  // namespace

float maximum_magnitude(std::span<const float> values, std::string_view what) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  const std::int32_t infinity = std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());
  const std::int32_t maximum =
      has_avx2 ? largest_pattern_avx2(values) : largest_pattern_plain(values);
  if (maximum < infinity) return std::bit_cast<float>(maximum);
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  fail(ErrorKind::input, "{}: element {} is {}, a finite number expected", what,
       bad - values.begin(), *bad);
}

float step_for_maximum(float maximum, OperandFormat format) {
  const float step = maximum / static_cast<float>(largest_code(format));
  return step >= std::numeric_limits<float>::min() ? step : 1.0F;
}

namespace {

// Codes of `values` at `codes`; returns how many were beyond the range.
std::int64_t quantize_part(std::span<const float> values, float step, OperandFormat format,
                           std::string_view what, std::int16_t* codes) {
  if (!(step > 0.0F) || !std::isfinite(step)) {
    fail(ErrorKind::usage, "{}: quantisation step {} found, a positive number expected", what,
         step);
  }
  const CodeRange range{static_cast<float>(smallest_code(format)),
                        static_cast<float>(largest_code(format))};
  const RoundingCounts counts = round_to_codes(values.data(), values.size(), step, range, codes);
  if (counts.has_nan) {
    const auto bad =
        std::find_if(values.begin(), values.end(), [](float value) { return std::isnan(value); });
    fail(ErrorKind::input, "{}: element {} is NaN", what, bad - values.begin());
  }
  return counts.saturated;
}

}  // namespace

QuantizedTensor quantize(std::span<const float> values, float step, OperandFormat format,
                         std::string_view what) {
  QuantizedTensor result{std::vector<std::int16_t>(values.size()), format, step, 0};
  result.saturated = quantize_part(values, step, format, what, result.codes.data());
  return result;
}

QuantizedWeights quantize_channels(std::span<const float> values, std::vector<float> steps,
                                   OperandFormat format, std::string_view what) {
  if (steps.empty() || values.size() % steps.size() != 0) {
    fail(ErrorKind::usage, "{}: {} steps found for {} values", what, steps.size(), values.size());
  }
  const std::size_t part = values.size() / steps.size();
  QuantizedWeights result{std::vector<std::int16_t>(values.size()), format, std::move(steps), 0};
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    result.saturated += quantize_part(values.subspan(i * part, part), result.steps[i], format, what,
                                      result.codes.data() + i * part);
  }
  return result;
}

namespace {

template <typename Sum>
void dequantize_planes(std::span<const Sum> accumulators, std::span<const float> steps,
                       std::span<const float> bias, std::int64_t channels, std::int64_t plane,
                       std::span<float> out) {
  const auto size = static_cast<std::size_t>(plane);
  std::size_t channel = 0;
  for (std::size_t begin = 0; begin < accumulators.size(); begin += size) {
    const float step = steps.size() == 1 ? steps.front() : steps[channel];
    const float offset = bias.empty() ? 0.0F : bias[channel];
    const std::size_t end = std::min(begin + size, accumulators.size());
    for (std::size_t i = begin; i < end; ++i) {
      out[i] = static_cast<float>(accumulators[i]) * step + offset;
    }
    channel = (channel + 1) % static_cast<std::size_t>(channels);
  }
}

}  // namespace

void dequantize(std::span<const std::int32_t> accumulators, std::span<const float> steps,
                std::span<const float> bias, std::int64_t channels, std::int64_t plane,
                std::span<float> out) {
  dequantize_planes(accumulators, steps, bias, channels, plane, out);
}

void dequantize(std::span<const std::int64_t> accumulators, std::span<const float> steps,
                std::span<const float> bias, std::int64_t channels, std::int64_t plane,
                std::span<float> out) {
  dequantize_planes(accumulators, steps, bias, channels, plane, out);
}

}  // namespace mbm
