// Which multiplier families exist as Verilog. This list is the only one; what shows "RTL" reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mbm {

// A module of rtl/multiplier/, whose file has its name, and the parameters that make it compute an
// 8-bit multiplier, for example ".Width(8), .DroppedBits(2)".
struct RtlInstance {
  std::string module;
  std::string parameters;
};

// The instance for `name` ("mbm:t2"), if it has RTL. Throws as make_multiplier does.
std::optional<RtlInstance> rtl_instance_of(std::string_view name);

}  // namespace mbm
