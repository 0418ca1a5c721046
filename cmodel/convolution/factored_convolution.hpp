// Convolutions with a factored table: exact matrix products, see factored_table.hpp.
#pragma once

#include <span>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/factored_kernel.hpp"
#include "cmodel/convolution/factored_table.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

// Panels of kFactoredChannels channels. A block of the reduction holds `block_rows` rows of
// activations, a row for each term, filled up to whole pairs; blocks lie in a row within a panel.
struct FactoredWeights {
  std::int64_t terms = 0;
  std::int64_t block_rows = 0;
  std::int64_t blocks = 0;
  std::int64_t block_pairs = 0;
  std::int64_t panels = 0;  // of one group
  AlignedVector<std::int16_t> factors;

  std::int64_t panel_stride() const { return blocks * block_pairs * 2 * kFactoredChannels; }
  std::int64_t block_offset(std::int64_t group, std::int64_t panel, std::int64_t block) const {
    return (group * panels + panel) * panel_stride() + block * block_pairs * 2 * kFactoredChannels;
  }
};

struct FactoredConvolution {
  const FactoredKernel* kernel = nullptr;
  const FactoredTable* table = nullptr;
  std::int64_t table_id = 0;  // of the table, for the cache
  ThreadPool* pool = nullptr;
  WeightCache<FactoredWeights>* cache = nullptr;
  std::span<Scratch> scratch;  // one per thread

  // The sums of a checked job; `Sum` is int32 or int64. Unless the table is the exact product, the
  // factors of all activations are held at once: 2 bytes for each and for each term.
  template <typename Sum>
  void run(const ConvolutionJob& job, std::span<Sum> out) const;
};

}  // namespace mbm
