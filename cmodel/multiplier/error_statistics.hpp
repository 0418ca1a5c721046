// The errors of an approximate multiplier, over all its operands, weighted with how often they
// occur. The terms are those of the approximate-computing literature.
#pragma once

#include <cstdint>

#include "cmodel/multiplier/multiplier.hpp"
#include "cmodel/multiplier/operand_distribution.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

// The error is product - exact, the relative error (RE) error / exact; 0 / 0 counts as 0, and the
// relative error of a non-zero product of a zero operand as 0 as well: it has none, and
// `zero_annihilates` says that it happens. Ratios, not percentages.
struct ErrorStatistics {
  double error_rate = 0;               // ER: probability that the product is not exact
  double bias = 0;                     // mean RE
  double mean_relative_error = 0;      // MRED: mean |RE|
  double peak_relative_error = 0;      // largest |RE| of operands that occur
  double deviation = 0;                // standard deviation of RE
  double mean_error_distance = 0;      // NMED: mean |error| / (2^width - 1)^2
  double mean_error = 0;               // mean error / (2^width - 1)^2
  double mean_absolute_error = 0;      // mean |error|, not normalised (MAE of EvoApproxLib)
  double mean_square_error = 0;        // mean error^2
  std::uint64_t worst_case_error = 0;  // WCE: largest |error| of operands that occur
  double noise_to_signal = 0;          // NSR: sum error^2 / sum exact^2
  double noise_to_signal_scaled = 0;   // the same after multiplying the products by `gain`
  double gain = 1;                     // the constant that makes noise_to_signal_scaled least
  bool zero_annihilates = true;        // every product with a zero operand is zero
};

// Statistics of a multiplier of any width; `threads` = 0 takes all cores. At 16 bits this visits
// 2^32 products. Throws Error(usage) if a distribution has not 2^width entries.
ErrorStatistics error_statistics(const Multiplier& multiplier, const OperandDistributions& operands,
                                 int threads = 0);

// Statistics of a product table.
ErrorStatistics error_statistics(const ProductTable& table, const OperandDistributions& operands);

// A ratio of powers in decibels, not below -120 dB, which stands for zero.
double decibels(double ratio);

}  // namespace mbm
