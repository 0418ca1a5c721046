// Verilated multipliers, exercised on all their operands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mbm {

// Names, as make_multiplier knows them, of the 8-bit multipliers in testbench/multiplier_bench.sv.
const std::vector<std::string>& verilog_multipliers();

// All 65,536 products, index a * 256 + b.
struct VerilogProducts {
  std::vector<std::uint16_t> combinational;
  std::vector<std::uint16_t> two_stage;  // from a full pipeline
};

// The products of every one of them, in their order.
std::vector<VerilogProducts> verilog_products();

// Products of the signed wrapper for operands -255..255, index (a + 255) * 511 + b + 255: around
// `mbm`, combinational, and around `exact`, in two stages.
std::vector<std::int32_t> signed_mbm_products();
std::vector<std::int32_t> signed_exact_two_stage_products();

}  // namespace mbm
