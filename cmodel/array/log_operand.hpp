// Products of a logarithmic grid whose operands may be log codes already
// (cmodel/quantization/log_code.hpp).
#pragma once

#include <cstdint>

namespace mbm {

struct LogGrid {
  int kind = 1;           // mbm_pkg::PRODUCT_*
  int fraction_bits = 7;  // of a logarithm
};

// Product of two magnitudes, each a number or a log code, as rtl/log/log_sum.sv and antilog.sv
// form it.
std::int32_t log_domain_product(const LogGrid& grid, int weight, bool weight_is_code,
                                int activation, bool activation_is_code);

}  // namespace mbm
