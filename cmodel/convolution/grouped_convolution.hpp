// Convolutions by grouped look-up, see grouped_kernel.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/grouped_kernel.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

struct GroupedConvolution {
  const GroupedKernel* kernel = nullptr;
  std::span<const std::uint8_t> table;       // as vbmi_lookup_kernel makes it
  std::span<const std::uint8_t> transposed;  // the same of the transposed table, if split
  ThreadPool* pool = nullptr;
  WeightCache<GroupedWeights>* cache = nullptr;
  std::span<Scratch> scratch;  // one per thread

  // The sums of a checked job; `Sum` is int32 or int64.
  template <typename Sum>
  void run(const ConvolutionJob& job, const JobRanges& ranges, std::span<Sum> out) const;
};

}  // namespace mbm
