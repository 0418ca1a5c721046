// Sums in accumulators of limited width, fast: the same bits as ReferenceEngine::run_limited().
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {

// One product of a sum: a channel of the group and a tap.
struct SumTerm {
  std::int64_t channel;
  std::int64_t row;     // of the kernel
  std::int64_t column;  // of the kernel
};

// The terms of a sum in the limit's order, and where each addend ends: one past its last term.
struct TermOrder {
  std::vector<SumTerm> terms;
  std::vector<std::size_t> addend_ends;
};

TermOrder term_order(const ConvolutionProblem& problem, const AccumulatorLimit& limit);

// Whether the limit can change a sum of `job` before the last one: it saturates at every addition,
// and reduction_length times the table's largest product does not fit its bits.
bool limits_every_addition(const ConvolutionJob& job, const AccumulatorLimit& limit);

// The sums of a limit that saturates at every addition; blocks of output positions side by side.
// Throws Error(usage) if the job is invalid or an exact sum could pass int32.
Accumulators accumulate_limited(const ConvolutionJob& job, const AccumulatorLimit& limit,
                                ThreadPool& pool);

// The smallest and the largest value, 0 among them, that any partial sum of `job` takes on the way
// in the limit's order if nothing limits it.
struct PartialSumRange {
  std::int32_t smallest = 0;
  std::int32_t largest = 0;
};
PartialSumRange partial_sum_range(const ConvolutionJob& job, const AccumulatorLimit& limit,
                                  ThreadPool& pool);

}  // namespace mbm
