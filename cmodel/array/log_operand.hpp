// Operands and results as log codes, for chains of layers on a logarithmic grid
// (docs/accelerator.md, sections 2 and 4): {characteristic[2:0], fraction[3:0]} stands for
// 2^characteristic * (1 + fraction / 16), the code 0 for the number 0.
#pragma once

#include <cstdint>

#include "cmodel/quantization/requantization.hpp"

namespace mbm {

// The code of value * 2^-shift, with its sign: -127..127. Saturates at both ends; what rounds to
// less than half of the smallest number is 0.
std::int16_t log_code(std::int64_t value, int shift);

// As requantize, with a log code for a result.
std::int16_t log_requantize(std::int32_t sum, const ChannelRequantization& channel,
                            const Requantization& layer);

struct LogGrid {
  int kind = 1;           // mbm_pkg::PRODUCT_*
  int fraction_bits = 7;  // of a logarithm
};

// Product of two magnitudes, each a number or a log code, as rtl/log/log_sum.sv and antilog.sv
// form it.
std::int32_t log_domain_product(const LogGrid& grid, int weight, bool weight_is_code,
                                int activation, bool activation_is_code);

}  // namespace mbm
