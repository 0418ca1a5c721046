// Exact products, of whole operands and of operands with fewer bits: the sceptics' baseline of
// every approximate multiplier (Barrois, Sentieys, Menard, DATE 2017).
#include <fmt/format.h>

#include <algorithm>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

std::unique_ptr<const Multiplier> make_exact(ParameterReader& parameters) {
  return define_multiplier("exact", parameters.width(),
                           [](std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; });
}

// Operands rounded half up to their `kept` high bits, at most 2^kept - 1, in units of what is
// dropped.
std::unique_ptr<const Multiplier> make_rounded(ParameterReader& parameters) {
  const int kept = parameters.number("", 1, parameters.width() - 1);
  const int dropped = parameters.width() - kept;
  const auto round = [kept, dropped](std::uint32_t value) {
    const std::uint32_t rounded = (value + (1U << (dropped - 1))) >> dropped;
    return std::uint64_t{std::min(rounded, (1U << kept) - 1)};
  };
  return define_multiplier(fmt::format("exact-rounded:{}", kept), parameters.width(),
                           [round, dropped](std::uint32_t a, std::uint32_t b) {
                             return round(a) * round(b) << (2 * dropped);
                           });
}

std::unique_ptr<const Multiplier> make_truncated(ParameterReader& parameters) {
  const int kept = parameters.number("", 1, parameters.width() - 1);
  const int dropped = parameters.width() - kept;
  return define_multiplier(fmt::format("exact-truncated:{}", kept), parameters.width(),
                           [dropped](std::uint32_t a, std::uint32_t b) {
                             return std::uint64_t{a >> dropped} * (b >> dropped) << (2 * dropped);
                           });
}

}  // namespace

std::vector<MultiplierFamily> exact_families() {
  return {
      {"exact", "exact", "the integer product", "definition", {8, 16}, {"exact"}, make_exact},
      {"exact-rounded",
       "exact-rounded:K, K bits kept, 1..7",
       "exact product of operands rounded half up to K bits",
       "definition",
       {8, 16},
       {"exact-rounded:3", "exact-rounded:4", "exact-rounded:5", "exact-rounded:6",
        "exact-rounded:7"},
       make_rounded},
      {"exact-truncated",
       "exact-truncated:K, K bits kept, 1..7",
       "exact product of operands truncated to K bits",
       "definition",
       {8, 16},
       {"exact-truncated:4", "exact-truncated:5", "exact-truncated:6", "exact-truncated:7"},
       make_truncated},
  };
}

}  // namespace mbm
