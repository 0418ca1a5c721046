// Convolutions that skip activations of 0, see skipping_kernel.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/scratch.hpp"
#include "cmodel/convolution/skipping_kernel.hpp"
#include "cmodel/convolution/weight_cache.hpp"

namespace mbm {

// The activations other than 0 of every input pixel: a list for each block of input channels. A
// buffer that is kept from one job to the next: 4 bytes for each activation, zeros included.
class SparseActivations {
 public:
  void pack(const ConvolutionProblem& problem, std::span<const std::int16_t> activations,
            ThreadPool& pool);

  // `block` counts the blocks of all groups of all images, `position` is row * input_width +
  // column.
  std::span<const ActivationEntry> at(std::int64_t block, std::int64_t position) const {
    const auto list = static_cast<std::size_t>(block * plane_ + position);
    return {entries_.data() + list * room_, counts_[list]};
  }

 private:
  std::int64_t plane_ = 0;  // pixels of an image
  std::size_t room_ = 0;    // channels of a block
  std::vector<ActivationEntry> entries_;
  std::vector<std::uint32_t> counts_;
};

// Weights as lanes: slices of up to kSkippingVectors vectors of output channels, in each a row for
// each tap and input channel of a group.
class LanedWeights {
 public:
  LanedWeights(const ConvolutionProblem& problem, std::span<const std::int16_t> weights);

  int vectors() const { return vectors_; }  // of a slice
  std::int64_t slice_channels() const { return std::int64_t{vectors_} * kSkippingLanes; }
  std::int64_t slices() const { return slices_; }  // of a group

  // The rows from input channel `channel` of a group on.
  const std::uint8_t* rows(std::int64_t group, std::int64_t slice, std::int64_t tap,
                           std::int64_t channel) const {
    return bytes_.data() +
           (((group * slices_ + slice) * taps_ + tap) * channels_ + channel) * slice_channels();
  }

 private:
  std::int64_t taps_;
  std::int64_t channels_;  // input channels of a group
  std::int64_t slices_;
  int vectors_;
  AlignedVector<std::uint8_t> bytes_;
};

struct SkippingConvolution {
  const SkippingKernel* kernel = nullptr;
  std::span<const std::uint8_t> table;  // as the kernel makes it
  ThreadPool* pool = nullptr;
  WeightCache<LanedWeights>* cache = nullptr;
  SparseActivations* activations = nullptr;  // a buffer
  std::span<Scratch> scratch;                // one per thread

  // Output channels that are computed, those that only fill vectors included, for each real one.
  static double padding(const ConvolutionProblem& problem);

  // The sums of a checked job; `Sum` is int32 or int64.
  template <typename Sum>
  void run(const ConvolutionJob& job, std::span<Sum> out) const;
};

}  // namespace mbm
