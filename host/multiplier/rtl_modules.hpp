// Which multiplier families exist as Verilog, and which only as a description for proofs. These
// lists are the only ones; what shows "RTL" reads the first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mbm {

// A module, whose file has its name, and the parameters that make it compute an 8-bit multiplier,
// for example ".Width(8), .DroppedBits(2)".
struct RtlInstance {
  std::string module;
  std::string parameters;
};

// The instance of a module of rtl/multiplier/ for `name` ("mbm:t2"), if it has RTL. Throws as
// make_multiplier does.
std::optional<RtlInstance> rtl_instance_of(std::string_view name);

// The instance of a module of testbench/ for a multiplier without RTL: combinational, no clock,
// written for proofs from another form of the equations than the C++ definition. Throws as
// make_multiplier does.
std::optional<RtlInstance> description_instance_of(std::string_view name);

}  // namespace mbm
