// Convolutions by look-up: tiles, blocks and threads around a LookupKernel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/outlier_products.hpp"
#include "cmodel/convolution/packed_activations.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

struct LookupConvolution {
  const LookupKernel* kernel = nullptr;
  ActivationWindow window;
  std::span<const std::uint8_t> table;        // as the kernel made it
  const OutlierProducts* outliers = nullptr;  // null if the window holds all activations
  ThreadPool* pool = nullptr;
  WeightCache<PackedWeights>* cache = nullptr;
  PackedActivations* activations = nullptr;  // a buffer
  std::span<Scratch> scratch;                // one per thread

  // True if the activations of `problem` are better read in place (PlaneTile) than copied to
  // columns (PixelTile): with few output channels the copies would not pay. Outliers need columns.
  static bool reads_planes(const LookupKernel& kernel, const ConvolutionProblem& problem);

  // The sums of a checked job; `Sum` is int32 or int64.
  template <typename Sum>
  void run(const ConvolutionJob& job, const JobRanges& ranges, std::span<Sum> out) const;
};

}  // namespace mbm
