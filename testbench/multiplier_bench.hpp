// Verilated multipliers, exercised on all their operands.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
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

// Names, at width 16, of the multipliers in testbench/multiplier16_bench.sv.
const std::vector<std::string>& verilog_multipliers16();

// Their products of the operands a[i] and b[i], one vector a multiplier.
std::vector<std::vector<std::uint32_t>> verilog_products16(std::span<const std::uint16_t> a,
                                                           std::span<const std::uint16_t> b);

// A 16-bit Verilog module by itself, for exhaustive runs: `mitchell` or `mbm`.
class Multiplier16 {
 public:
  virtual ~Multiplier16() = default;
  // Products of a and b = 0..65,535.
  virtual void multiply_row(std::uint16_t a, std::span<std::uint32_t, 65536> products) = 0;
};
std::unique_ptr<Multiplier16> make_mitchell16();
std::unique_ptr<Multiplier16> make_mbm16();

}  // namespace mbm
