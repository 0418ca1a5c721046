// The activations of a job as the bytes that a look-up kernel reads, in the layout of the job.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/activation_window.hpp"
#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"

namespace mbm {

// Buffers that are kept from one job to the next.
class PackedActivations {
 public:
  // An activation outside the window, at `position` of its plane (row * width + column).
  struct Outside {
    std::uint32_t position = 0;
    std::int16_t code = 0;
  };

  // Converts the activations of `problem` with `kernel`; with signs apart if `is_signed`.
  void pack(const LookupKernel& kernel, const ActivationWindow& window, bool is_signed,
            const ConvolutionProblem& problem, std::span<const std::int16_t> activations,
            ThreadPool& pool);

  // Indices of the window or magnitudes; signs, or null.
  const std::uint8_t* magnitudes() const { return magnitudes_.data(); }
  const std::int8_t* signs() const { return is_signed_ ? signs_.data() : nullptr; }

  // What stands for the operand 0 outside the input.
  std::uint8_t zero() const { return zero_; }

  // The activations outside the window at positions begin..end-1 of plane (image * input_channels +
  // channel), in order.
  std::span<const Outside> outside(std::int64_t plane, std::int64_t begin, std::int64_t end) const;

 private:
  AlignedVector<std::uint8_t> magnitudes_;
  AlignedVector<std::int8_t> signs_;
  bool is_signed_ = false;
  std::uint8_t zero_ = 0;
  std::vector<std::vector<Outside>> outside_;  // by plane
};

}  // namespace mbm
