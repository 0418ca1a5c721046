// A network in integers from layer to layer: the tensors, what computes them, and nothing of where
// it came from. This is what the accelerator executes; run_integer_network() is its definition.
//
// A tensor's codes stand for real numbers, real = step * code, but no operation reads a step: all
// scaling is in the multipliers and shifts of requantisation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cmodel/convolution/accumulator_limit.hpp"
#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {

// Row-major (channels, height, width), its codes within the range of its format.
struct IntegerTensor {
  std::string name;
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;
  OperandFormat format = OperandFormat::sign_magnitude8;
  float step = 1.0F;  // for reading and writing real numbers only

  std::int64_t plane() const { return height * width; }
  std::int64_t count() const { return channels * plane(); }
};

// The sums of a convolution (cmodel/convolution), requantised by output channel. A fully connected
// layer is a convolution whose kernel is as large as its input.
struct IntegerConvolution {
  ConvolutionProblem problem;         // batch 1
  std::vector<std::int16_t> weights;  // layout of the problem
  Requantization requantization;
  std::optional<AccumulatorLimit> limit = {};  // of its sums; none: exact sums
};

// The largest code of a window; what lies outside the input is left out.
struct IntegerMaxPool {
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
};

// The sum of a window's codes (outside the input 0), requantised like a convolution's sum; the
// multipliers hold the division by the window's size.
struct IntegerAveragePool {
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  Requantization requantization;
};

// out[y][x] = in[floor(y * in_height / out_height)][floor(x * in_width / out_width)]; the output is
// a whole multiple of the input.
struct IntegerNearestUpsample {};

// Bilinear interpolation with aligned corners in fixed point: source positions with 16 bits of
// fraction, weights of 8 bits. For each direction
//     step = ceil(((in - 1) << 16) / (out - 1)), 0 if out = 1
//     position = o * step, i0 = position >> 16, i1 = min(i0 + 1, in - 1)
//     w1 = (position >> 8) & 255, w0 = 256 - w1
// and out = (sum of the four codes times the products of their weights + 32768) >> 16.
struct IntegerBilinearUpsample {};

// Two tensors, each from its own step (cmodel/quantization/requantization.hpp).
struct IntegerAddition {
  AdditionRequantization requantization;
};

// One tensor behind the other, along the channels; no arithmetic.
struct IntegerConcatenation {};

// Another step or an activation: requantisation with the code in place of the sum.
struct IntegerRescale {
  Requantization requantization;
};

using IntegerOperation =
    std::variant<IntegerConvolution, IntegerMaxPool, IntegerAveragePool, IntegerNearestUpsample,
                 IntegerBilinearUpsample, IntegerAddition, IntegerConcatenation, IntegerRescale>;

// What an operation is called in messages and tables: "convolution".
std::string_view integer_operation_name(const IntegerOperation& operation);

struct IntegerNode {
  std::string name;
  IntegerOperation operation;
  std::vector<std::size_t> inputs;  // tensors
  std::size_t output = 0;           // tensor
};

struct IntegerNetwork {
  std::vector<IntegerTensor> tensors;
  std::vector<IntegerNode> nodes;   // in an order in which each comes after its inputs' nodes
  std::vector<std::size_t> inputs;  // tensors that are given
  std::size_t output = 0;           // tensor

  // Throws Error(usage) that names the first node whose tensors do not fit its operation: shapes,
  // bounds of requantisation within the output's format, weights' count and range, steps kept by
  // operations without arithmetic (checked by format), order.
  void validate() const;
};

}  // namespace mbm
