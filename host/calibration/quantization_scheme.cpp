#include "host/calibration/quantization_scheme.hpp"

#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

template <typename Value>
using Names = std::span<const std::pair<Value, std::string_view>>;

constexpr std::array<std::pair<OperandScheme, std::string_view>, 6> kOperandSchemes{
    {{OperandScheme::sign_magnitude8, "sign-magnitude8"},
     {OperandScheme::int8, "int8"},
     {OperandScheme::int8_uint8, "int8-uint8"},
     {OperandScheme::sign_magnitude6, "sign-magnitude6"},
     {OperandScheme::sign_magnitude5, "sign-magnitude5"},
     {OperandScheme::sign_magnitude4, "sign-magnitude4"}}};
constexpr std::array<std::pair<WeightScales, std::string_view>, 2> kWeightScales{
    {{WeightScales::tensor, "tensor"}, {WeightScales::channel, "channel"}}};
constexpr std::array<std::pair<RangeMethod, std::string_view>, 4> kRangeMethods{
    {{RangeMethod::max_abs, "max-abs"},
     {RangeMethod::percentile, "percentile"},
     {RangeMethod::mean_squared_error, "mse"},
     {RangeMethod::kl_divergence, "kl"}}};
constexpr std::array<std::pair<StepRounding, std::string_view>, 3> kStepRoundings{
    {{StepRounding::none, "none"},
     {StepRounding::power_of_two, "power-of-two"},
     {StepRounding::power_of_ten, "power-of-ten"}}};

template <typename Value>
std::string_view find_name(Names<Value> names, Value value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "";
}

template <typename Value>
Value find_value(Names<Value> names, std::string_view name, std::string_view what) {
  std::vector<std::string_view> known;
  for (const auto& [value, candidate] : names) {
    if (candidate == name) return value;
    known.push_back(candidate);
  }
  fail(ErrorKind::usage, "unknown {} '{}'; expected one of: {}", what, name,
       fmt::join(known, ", "));
}

}  // namespace

std::string_view name_of(OperandScheme scheme) {
  return find_name<OperandScheme>(kOperandSchemes, scheme);
}

std::string_view name_of(WeightScales scales) {
  return find_name<WeightScales>(kWeightScales, scales);
}

std::string_view name_of(RangeMethod method) {
  return find_name<RangeMethod>(kRangeMethods, method);
}

std::string_view name_of(StepRounding rounding) {
  return find_name<StepRounding>(kStepRoundings, rounding);
}

OperandScheme parse_operand_scheme(std::string_view name) {
  return find_value<OperandScheme>(kOperandSchemes, name, "operand format");
}

WeightScales parse_weight_scales(std::string_view name) {
  return find_value<WeightScales>(kWeightScales, name, "weight scales");
}

RangeMethod parse_range_method(std::string_view name) {
  return find_value<RangeMethod>(kRangeMethods, name, "activation range");
}

StepRounding parse_step_rounding(std::string_view name) {
  return find_value<StepRounding>(kStepRoundings, name, "step rounding");
}

OperandFormat weight_format(OperandScheme scheme) {
  switch (scheme) {
    case OperandScheme::sign_magnitude8:
      return OperandFormat::sign_magnitude8;
    case OperandScheme::sign_magnitude6:
      return OperandFormat::sign_magnitude6;
    case OperandScheme::sign_magnitude5:
      return OperandFormat::sign_magnitude5;
    case OperandScheme::sign_magnitude4:
      return OperandFormat::sign_magnitude4;
    case OperandScheme::int8:
    case OperandScheme::int8_uint8:
      break;
  }
  return OperandFormat::int8;
}

OperandFormat activation_format(OperandScheme scheme, float smallest) {
  if (scheme == OperandScheme::int8_uint8 && smallest >= 0.0F) return OperandFormat::uint8;
  return weight_format(scheme);
}

float round_step(float step, StepRounding rounding) {
  if (rounding == StepRounding::none) return step;
  constexpr double kTolerance = 1e-6;
  const double base = rounding == StepRounding::power_of_two ? 2.0 : 10.0;
  const double exponent = std::log(static_cast<double>(step)) / std::log(base);
  return static_cast<float>(std::pow(base, std::ceil(exponent - kTolerance)));
}

}  // namespace mbm
