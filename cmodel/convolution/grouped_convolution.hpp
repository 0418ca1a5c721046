// Convolutions by grouped look-up, see grouped_kernel.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/grouped_kernel.hpp"
#include "cmodel/convolution/outlier_products.hpp"
#include "cmodel/convolution/packed_activations.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

struct GroupedConvolution {
  const GroupedKernel* kernel = nullptr;
  ActivationWindow window;
  std::span<const std::uint8_t> table;        // as vbmi_lookup_kernel of the same window makes it
  const OutlierProducts* outliers = nullptr;  // null if the window holds all activations
  ThreadPool* pool = nullptr;
  WeightCache<GroupedWeights>* cache = nullptr;
  PackedActivations* activations = nullptr;  // a buffer
  std::span<Scratch> scratch;                // one per thread

  // The sums of a checked job; `Sum` is int32 or int64.
  template <typename Sum>
  void run(const ConvolutionJob& job, std::span<Sum> out) const;
};

}  // namespace mbm
