// Convolutions with a factored table: exact matrix products, see factored_table.hpp.
#pragma once

#include <span>
#include <vector>

#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/factored_kernel.hpp"
#include "cmodel/convolution/factored_table.hpp"
#include "cmodel/convolution/scratch.hpp"

namespace mbm {

struct FactoredConvolution {
  const FactoredKernel* kernel = nullptr;
  const FactoredTable* table = nullptr;
  ThreadPool* pool = nullptr;
  std::span<Scratch> scratch;  // one per thread

  // The sums of a checked job; `Sum` is int32 or int64. Unless the table is the exact product, the
  // factors of all activations are held at once: 2 bytes for each and for each term.
  template <typename Sum>
  std::vector<Sum> run(const ConvolutionJob& job) const;
};

}  // namespace mbm
