#include "host/simulation/grid_products.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "cmodel/array/grid_names.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {

std::string set_products(AcceleratorParameters& parameters, const std::string& multiplier) {
  if (parameters.kind == ElementKind::exact) {
    if (!multiplier.empty() && multiplier != "exact") {
      fail(ErrorKind::usage, "--multiplier {}: a grid of cell exact has products of exact only",
           multiplier);
    }
    return "exact";
  }
  const std::string name = multiplier.empty() ? "mbm" : multiplier;
  if (parameters.kind == ElementKind::lut) return name;
  const auto* const found = std::ranges::find(kLogProductNames, name);
  if (found == kLogProductNames.end()) {
    fail(ErrorKind::usage,
         "--multiplier {}: cell log has {}; cell lut takes any multiplier or table", name,
         fmt::join(kLogProductNames, ", "));
  }
  parameters.log_kind = found - kLogProductNames.begin();
  return name;
}

}  // namespace mbm
