// Operation counts of a convolution and the energy of bits E_w of the LeNet-5 study.
#pragma once

#include <cstdint>

#include "cmodel/convolution/convolution_problem.hpp"

namespace mbm {

struct OperationCounts {
  std::int64_t products = 0;
  std::int64_t additions = 0;  // accumulations: one a product
};

// True counts of the loop nest, products with padding zeros included.
OperationCounts count_operations(const ConvolutionProblem& problem);

struct BitWidths {
  int multiplier = 8;
  int accumulator = 32;
};

// E_w = N_mul * B_mul^2 + N_add * B_acc, in bit operations (no unit of energy).
std::int64_t energy_of_bits(const OperationCounts& counts, const BitWidths& widths);

}  // namespace mbm
