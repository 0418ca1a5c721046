// Single Verilated multipliers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mbm {

// All 65,536 products (index a * 256 + b) of the Verilog module of the 8-bit multiplier called
// `multiplier` (mitchell, mbm, mbm-ref), combinational or in two pipeline stages. Throws
// Error(usage) if there is no such module.
std::vector<std::uint16_t> verilog_products(std::string_view multiplier, bool two_stage);

}  // namespace mbm
