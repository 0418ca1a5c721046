// How the scales of a network are chosen, and what the choice is for one layer.
#pragma once

#include <string_view>
#include <vector>

#include "cmodel/quantization/quantization.hpp"

namespace mbm {

// The operands of the multipliers of a network.
enum class OperandScheme {
  sign_magnitude8,  // weights and activations sign and 8-bit magnitude
  int8,             // both int8
  int8_uint8,       // weights int8; activations that are never negative uint8, the others int8
  sign_magnitude6,  // sign and 6, 5, 4 bits of magnitude
  sign_magnitude5,
  sign_magnitude4,
};

enum class WeightScales {
  tensor,   // one step for all weights of a layer
  channel,  // one for each output channel
};

// How the largest activation magnitude that does not saturate is chosen.
enum class RangeMethod {
  max_abs,             // the largest one seen
  percentile,          // a percentile of the magnitudes
  mean_squared_error,  // the one with the least mean squared error of rounding and clipping
  kl_divergence,       // the one that keeps most of the distribution's information
};

// Steps that a cheap requantiser can apply, or that a person would choose.
enum class StepRounding {
  none,
  power_of_two,  // up to the next power of two
  power_of_ten,  // up to the next power of ten: the depth study's
};

struct QuantizationScheme {
  OperandScheme operands = OperandScheme::sign_magnitude8;
  WeightScales weight_scales = WeightScales::channel;
  RangeMethod activation_range = RangeMethod::max_abs;
  double percentile = 99.99;  // of RangeMethod::percentile
  StepRounding step_rounding = StepRounding::none;

  bool operator==(const QuantizationScheme&) const = default;
};

// What a layer's operands are.
struct LayerQuantization {
  OperandFormat weight_format = OperandFormat::sign_magnitude8;
  std::vector<float> weight_steps;  // one, or one for each output channel
  OperandFormat activation_format = OperandFormat::sign_magnitude8;
  float activation_step = 1.0F;

  bool operator==(const LayerQuantization&) const = default;
};

// Names as options and files have them: "sign-magnitude8", "int8", "int8-uint8", "sign-magnitude6",
// ...; "tensor", "channel"; "max-abs", "percentile", "mse", "kl"; "none", "power-of-two",
// "power-of-ten".
std::string_view name_of(OperandScheme scheme);
std::string_view name_of(WeightScales scales);
std::string_view name_of(RangeMethod method);
std::string_view name_of(StepRounding rounding);

// The value with that name; throws Error(usage) that lists the names otherwise.
OperandScheme parse_operand_scheme(std::string_view name);
WeightScales parse_weight_scales(std::string_view name);
RangeMethod parse_range_method(std::string_view name);
StepRounding parse_step_rounding(std::string_view name);

OperandFormat weight_format(OperandScheme scheme);

// The format of activations whose smallest value is `smallest`.
OperandFormat activation_format(OperandScheme scheme, float smallest);

// The least step of the rounding's kind that is at least `step` (positive), but for what float32
// cannot tell apart: a step within 1e-6 of a power is that power.
float round_step(float step, StepRounding rounding);

}  // namespace mbm
