#include "host/multiplier/rtl_modules.hpp"

#include <fmt/format.h>

#include <array>

#include "cmodel/multiplier/multiplier.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

constexpr int kWidth = 8;
constexpr int kFullFraction = kWidth - 1;

// Kinds of log_multiplier: mbm_pkg::PRODUCT_*.
std::string log_parameters(int kind, int fraction_bits, bool set_lowest) {
  return fmt::format(".Width({}), .FractionBits({}), .SetLowestBit({}), .Kind({})", kWidth,
                     fraction_bits, set_lowest ? 1 : 0, kind);
}

std::optional<std::string> mitchell_parameters(ParameterReader& parameters) {
  const int bits = parameters.number_or("w", 1, kFullFraction, kFullFraction);
  return log_parameters(0, bits, parameters.word("set") && bits < kFullFraction);
}

// The module holds the correction in at least seven bits: at 8 bits, no truncation, as in the
// paper.
std::optional<std::string> mbm_parameters(ParameterReader& parameters) {
  if (parameters.number_or("t", 0, kFullFraction, 0) > 0) return std::nullopt;
  return log_parameters(1, kFullFraction, false);
}

std::optional<std::string> reference_parameters(ParameterReader&) {
  return log_parameters(2, kFullFraction, false);
}

struct RtlFamily {
  std::string_view family;
  const char* module;
  std::optional<std::string> (*parameters)(ParameterReader& parameters);  // none: no such RTL
};

constexpr std::array<RtlFamily, 3> kFamilies = {{
    {"mitchell", "log_multiplier", mitchell_parameters},
    {"mbm", "log_multiplier", mbm_parameters},
    {"mbm-ref", "log_multiplier", reference_parameters},
}};

}  // namespace

std::optional<RtlInstance> rtl_instance_of(std::string_view name) {
  make_multiplier(name, kWidth);  // says what is wrong with a name
  for (const RtlFamily& entry : kFamilies) {
    if (entry.family != ParameterReader::family(name)) continue;
    ParameterReader parameters(name, "", kWidth);
    const std::optional<std::string> text = entry.parameters(parameters);
    if (text) return RtlInstance{entry.module, *text};
  }
  return std::nullopt;
}

}  // namespace mbm
