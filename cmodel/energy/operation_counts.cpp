#include "cmodel/energy/operation_counts.hpp"

namespace mbm {

OperationCounts count_operations(const ConvolutionProblem& problem) {
  return {problem.product_count(), problem.product_count()};
}

std::int64_t energy_of_bits(const OperationCounts& counts, const BitWidths& widths) {
  return counts.products * widths.multiplier * widths.multiplier +
         counts.additions * widths.accumulator;
}

}  // namespace mbm
