// The LeNet-5 study: what its report prints, and how it counts operations.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "cmodel/energy/operation_counts.hpp"

namespace mbm {

// A layer as the report has it: its recorded partial sums and the width it chose.
struct PublishedLeNet5Layer {
  std::string_view name;
  std::int64_t smallest;
  std::int64_t largest;
  double deviation;
  int bits_needed;
  int chosen_bits;
  int worst_case_bits;
};

inline constexpr std::array<PublishedLeNet5Layer, 5> kPublishedLeNet5Layers{
    {{"C1", -52685, 48834, 11930.04, 17, 18, 22},
     {"C3", -45165, 17499, 5539.88, 17, 16, 25},
     {"C5", -47968, 31846, 11342.34, 17, 16, 26},
     {"F6", -50556, 60838, 16911.83, 17, 18, 24},
     {"Output", -36443, 4971, 9073.28, 17, 16, 24}}};

// Accuracy by the width of all accumulators; the report has even widths from 10 bits on, and 18 to
// 32 are one row.
struct PublishedLeNet5Accuracy {
  int bits;
  double accuracy;
};
inline constexpr std::array<PublishedLeNet5Accuracy, 5> kPublishedLeNet5Accuracies{
    {{10, 0.0974}, {12, 0.0974}, {14, 0.4934}, {16, 0.9849}, {18, 0.9853}}};

// What the report prints for float, weights quantised, all integer.
inline constexpr std::array<double, 3> kPublishedLeNet5Steps{0.9869, 0.9868, 0.9853};

inline constexpr std::int64_t kPublishedLeNet5Batch = 4;
inline constexpr int kPublishedLeNet5UniformBits = 18;

// How the report counts. It prices the index arithmetic of a convolution's inner step (two products
// and two sums) like a multiply-accumulate, which makes three of each, and counts a bias addition a
// class and image that the network does not have.
struct LeNet5Counting {
  std::string_view name;
  bool index_arithmetic;
  bool output_biases;
};
inline constexpr std::array<LeNet5Counting, 3> kLeNet5Countings{
    {{"as the report counts", true, true},
     {"without the index arithmetic", false, true},
     {"true counts: no such biases either", false, false}}};

// Operations of a layer for the report's batch of 4 images. A fully connected layer is one whose
// kernel and input are a single pixel; the output layer is the one that `is_output` says.
OperationCounts lenet5_operations(const ConvolutionProblem& problem, bool is_output,
                                  const LeNet5Counting& counting);

// E_w of a network's layers with one accumulator width each.
std::int64_t lenet5_energy(std::span<const ConvolutionProblem> problems, std::span<const int> bits,
                           const LeNet5Counting& counting);

}  // namespace mbm
