#include "host/multiplier/rtl_modules.hpp"

#include <array>
#include <utility>

namespace mbm {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kModules = {{
    {"mitchell", "mitchell_multiplier"},
    {"mbm", "mbm_multiplier"},
}};

}  // namespace

std::optional<std::string_view> rtl_module_of(std::string_view name) {
  const std::string_view family = name.substr(0, name.find(':'));
  for (const auto& [known, module] : kModules) {
    if (known == family) return module;
  }
  return std::nullopt;
}

}  // namespace mbm
