#include "host/multiplier/rtl_modules.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

#include "cmodel/multiplier/multiplier.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

constexpr int kWidth = 8;
constexpr int kFullFraction = kWidth - 1;

std::string no_parameters(ParameterReader&) {
  return ".Width(8)";
}

std::string mitchell_parameters(ParameterReader& parameters) {
  const int bits = parameters.number_or("w", 1, kFullFraction, kFullFraction);
  const bool set_lowest = parameters.word("set") && bits < kFullFraction;
  return fmt::format(".Width(8), .DroppedBits({}), .SetLowestBit({})", kFullFraction - bits,
                     set_lowest ? 1 : 0);
}

std::string mbm_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .DroppedBits({})", parameters.number_or("t", 0, kFullFraction, 0));
}

std::string reference_parameters(ParameterReader&) {
  return ".Width(8), .Reference(1)";
}

std::string folded_parameters(ParameterReader& parameters) {
  const int dropped = parameters.number_or("t", 0, kFullFraction, 0);
  return fmt::format(".Width(8), .DroppedBits({}), .Constant({})", dropped,
                     parameters.number_or("", 0, 16, 7));
}

std::string log2_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .DroppedBits({})",
                     kFullFraction - parameters.number("w", 1, kFullFraction));
}

std::string corrected_parameters(ParameterReader& parameters) {
  return log2_parameters(parameters) + ", .Corrected(1)";
}

std::string realm_parameters(ParameterReader& parameters) {
  const int dropped = parameters.number_or("t", 0, kFullFraction, 0);
  return fmt::format(".Width(8), .DroppedBits({}), .Grid({})", dropped,
                     parameters.number("", 2, 16));
}

std::string drum_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .KeptBits({})", parameters.number("", 3, kWidth));
}

std::string tosam_parameters(ParameterReader& parameters) {
  const int product_bits = parameters.number("", 0, kFullFraction);
  const int sum_bits = parameters.number("", product_bits, kFullFraction);
  if (sum_bits == 0) return "";  // the module has at least one
  return fmt::format(".Width(8), .ProductBits({}), .SumBits({})", product_bits, sum_bits);
}

template <int kKind>
std::string reduced_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .KeptBits({}), .Kind({})", parameters.number("", 1, kFullFraction),
                     kKind);
}

std::string skip_parameters(ParameterReader& parameters) {
  const int dropped = parameters.number_or("t", 0, kFullFraction, 0);
  return fmt::format(
      ".Width(8), .DroppedBits({}), .SetLowestBit({}), .Correction(3), .Constant({})", dropped,
      dropped > 0 ? 1 : 0, parameters.number_or("c", 0, 16, 10));
}

template <int kSetOne>
std::string adder_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .ApproximateBits({}), .SetOne({})",
                     parameters.number("", 1, kFullFraction), kSetOne);
}

std::string dynamic_range_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .DroppedBits({}), .SetLowestBit(1), .SumIncrement(1)",
                     kWidth - parameters.number("", 3, kFullFraction));
}

template <int kThreeDown>
std::string nearest_power_parameters(ParameterReader&) {
  return fmt::format(".Width(8), .ThreeDown({})", kThreeDown);
}

std::string iterative_parameters(ParameterReader& parameters) {
  return fmt::format(".Width(8), .Blocks({})", parameters.number("", 1, kWidth));
}

std::string broken_array_parameters(ParameterReader& parameters) {
  const int columns = parameters.number("", 1, kWidth);
  return fmt::format(".Width(8), .BrokenColumns({}), .Compensated({})", columns,
                     parameters.word("const") ? 1 : 0);
}

struct RtlFamily {
  std::string_view family;
  const char* module;
  std::string (*parameters)(ParameterReader& parameters);  // empty: not this member
};

constexpr std::array<RtlFamily, 10> kRtlFamilies = {{
    {"exact", "exact_multiplier", no_parameters},
    {"mitchell", "mitchell_multiplier", mitchell_parameters},
    {"mbm", "mbm_multiplier", mbm_parameters},
    {"mbm-ref", "mbm_multiplier", reference_parameters},
    {"mbm-folded", "mbm_folded_multiplier", folded_parameters},
    {"log2", "log2_multiplier", log2_parameters},
    {"log2-corrected", "log2_multiplier", corrected_parameters},
    {"realm", "realm_multiplier", realm_parameters},
    {"drum", "drum_multiplier", drum_parameters},
    {"tosam", "tosam_multiplier", tosam_parameters},
}};

constexpr std::array<RtlFamily, 13> kDescribedFamilies = {{
    {"exact-rounded", "reduced_operands_fv", reduced_parameters<1>},
    {"exact-truncated", "reduced_operands_fv", reduced_parameters<0>},
    {"ssm", "reduced_operands_fv", reduced_parameters<2>},
    {"essm", "reduced_operands_fv", reduced_parameters<3>},
    {"mbm-skip", "log_multiplier_fv", skip_parameters},
    {"alm-soa", "approximate_adder_fv", adder_parameters<1>},
    {"alm-loa", "approximate_adder_fv", adder_parameters<0>},
    {"dr-alm", "log_multiplier_fv", dynamic_range_parameters},
    {"roba", "nearest_power_fv", nearest_power_parameters<1>},
    {"ilm", "nearest_power_fv", nearest_power_parameters<0>},
    {"iterative-log", "iterative_log_fv", iterative_parameters},
    {"broken-array", "broken_array_fv", broken_array_parameters},
    {"udm", "underdesigned_fv", no_parameters},
}};

std::optional<RtlInstance> instance_in(std::span<const RtlFamily> families, std::string_view name) {
  make_multiplier(name, kWidth);  // says what is wrong with a name
  for (const RtlFamily& entry : families) {
    if (entry.family != ParameterReader::family(name)) continue;
    ParameterReader parameters(name, "", kWidth);
    if (dropped_product_bits(parameters) > 0) return std::nullopt;  // its table's circuit stands in
    std::string values = entry.parameters(parameters);
    if (values.empty()) return std::nullopt;
    return RtlInstance{entry.module, std::move(values)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<RtlInstance> rtl_instance_of(std::string_view name) {
  return instance_in(kRtlFamilies, name);
}

std::optional<RtlInstance> description_instance_of(std::string_view name) {
  return instance_in(kDescribedFamilies, name);
}

}  // namespace mbm
