// Where two computations of the same convolution differ.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cmodel/convolution/convolution_problem.hpp"

namespace mbm {

// One output that differs.
struct AccumulatorMismatch {
  std::int64_t image = 0;
  std::int64_t channel = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;
  std::int32_t got = 0;
  std::int32_t want = 0;
};

struct AccumulatorComparison {
  std::int64_t compared = 0;
  std::int64_t mismatches = 0;
  std::optional<AccumulatorMismatch> first;  // in the order of the layout
};

// Compares all accumulators (layout as in ConvolutionProblem). Throws Error(usage) if a count is
// not that of the problem.
AccumulatorComparison compare_accumulators(const ConvolutionProblem& problem,
                                           std::span<const std::int32_t> got,
                                           std::span<const std::int32_t> want);

}  // namespace mbm
