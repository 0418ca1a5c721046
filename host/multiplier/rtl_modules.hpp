// Which multiplier families exist as Verilog. This list is the only one; what shows "RTL" reads it.
#pragma once

#include <optional>
#include <string_view>

namespace mbm {

// The file of rtl/multiplier/ without its ending that implements the family of `name` ("drum:6"),
// if there is one.
std::optional<std::string_view> rtl_module_of(std::string_view name);

}  // namespace mbm
