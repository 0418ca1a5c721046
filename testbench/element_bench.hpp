// Verilated exact multipliers and processing elements in all their forms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mbm {

// A form of tree_multiplier with what it computed.
struct TreeProducts {
  int width = 0;
  bool is_signed = false;
  bool booth = false;
  // Index a * 2^width + b of the operands' bits: the 2 * width bits of the product, and the 21 bits
  // of product + addend, where the addend is addend_of(a * 256 + b).
  std::vector<std::uint32_t> products;
  std::vector<std::uint32_t> sums;
};
std::uint32_t addend_of(std::uint32_t index);

// All operands of all forms in testbench/tree_multiplier_bench.sv.
std::vector<TreeProducts> tree_products();

// Every third magnitude is a weight, 0 to 255.
inline constexpr std::uint32_t kWeightStep = 3;

// An element of testbench/element_bench.sv, and the terms it added to sums for those weights and
// every activation: index weight / kWeightStep * 256 + activation. The sign of a weight is bit 0 of
// signs_of(weight * 256), that of an activation bit 1 of signs_of(weight * 256 + activation).
struct ElementTerms {
  std::string multiplier;  // as make_multiplier knows it; "exact" of `width` low bits of operands
  int width = 8;
  int dropped_bits = 0;  // low bits of a product that do not reach the sum
  std::vector<std::int32_t> terms;
};
unsigned signs_of(std::uint32_t index);

std::vector<ElementTerms> element_terms();

}  // namespace mbm
