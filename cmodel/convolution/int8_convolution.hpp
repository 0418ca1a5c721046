// Convolutions with a factored table whose factors fit in 8 bits for the operands present, see
// factored_table.hpp and int8_kernel.hpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/factored_table.hpp"
#include "cmodel/convolution/int8_kernel.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

// The factors of the weights as signed bytes. A factor beyond a byte is a sum of bytes, whose
// products are summed one after another; fours of weights that are 0 in all channels of a panel are
// left out, so that rare large weights cost little.
struct Int8Weights {
  // Four weights of one tap: activations begin `channel` bytes behind the tap's first.
  struct Quads {
    std::int32_t tap = 0;
    std::int32_t channel = 0;
    std::int32_t count = 0;
  };
  struct Block {
    std::vector<Quads> quads;
    std::size_t weights = 0;      // where they begin
    std::int64_t quad_count = 0;  // of all
  };
  struct Panel {
    std::int64_t first_channel = 0;  // of all groups
    std::int64_t channels = 0;
    std::vector<Block> blocks;

    int vectors() const { return static_cast<int>((channels + kInt8Lanes - 1) / kInt8Lanes); }
  };

  std::int64_t panels_per_group = 0;
  std::vector<Panel> panels;
  AlignedVector<std::int8_t> factors;
  std::vector<std::int64_t> factor_sums;  // (terms, output channels)
};

struct Int8Convolution {
  const Int8Kernel* kernel = nullptr;
  const FactoredTable* table = nullptr;
  std::int64_t table_id = 0;  // of the table, for the cache
  ThreadPool* pool = nullptr;
  WeightCache<Int8Weights>* cache = nullptr;
  std::span<Scratch> scratch;  // one per thread

  // How the operands of a job become bytes, a map for each term of the table; nothing if the
  // factors of the activations span more than 8 bits or those of the weights are beyond 127 * 127.
  static std::optional<std::vector<Int8Map>> maps(const FactoredTable& table,
                                                  const JobRanges& ranges);

  // The sums of a checked job for which there are maps; `Sum` is int32 or int64. A thread holds the
  // bytes of a strip of the image (about 384 KB unless one row needs more) and its sums (4 bytes
  // for up to 768 pixels of 64 channels).
  template <typename Sum>
  void run(const ConvolutionJob& job, const JobRanges& ranges, std::span<Sum> out) const;
};

}  // namespace mbm
