// Random convolutions for the tests of the array.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm::test {

// A problem with operands of its own.
struct OwnedJob {
  ConvolutionProblem problem;
  std::vector<std::int16_t> activations;
  std::vector<std::int16_t> weights;

  ConvolutionJob job(const ProductTable& table) const {
    return {problem, activations, weights, &table};
  }
};

inline std::vector<std::int16_t> random_operands(std::int64_t count, std::mt19937& generator) {
  std::uniform_int_distribution<int> distribution(-255, 255);
  std::vector<std::int16_t> operands(static_cast<std::size_t>(count));
  for (std::int16_t& operand : operands) {
    operand = static_cast<std::int16_t>(distribution(generator));
  }
  return operands;
}

inline OwnedJob random_operands_for(const ConvolutionProblem& problem, std::mt19937& generator) {
  return {problem, random_operands(problem.activation_count(), generator),
          random_operands(problem.weight_count(), generator)};
}

// Small problems of every geometry: batch, kernels of unequal sides, stride, padding, dilation,
// groups up to depthwise.
inline ConvolutionProblem random_problem(std::mt19937& generator) {
  const auto draw = [&](int low, int high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  ConvolutionProblem p;
  p.batch = draw(1, 2);
  p.groups = draw(0, 2) == 0 ? draw(2, 5) : 1;
  p.input_channels = p.groups * draw(1, 6);
  p.output_channels = p.groups * draw(1, 20 / static_cast<int>(p.groups));
  if (draw(0, 4) == 0) p.groups = p.output_channels = p.input_channels;  // depthwise
  p.kernel_height = draw(1, 4);
  p.kernel_width = draw(1, 4);
  p.stride = draw(1, 3);
  p.padding = draw(0, 3);
  p.dilation = draw(1, 2);
  p.input_height = p.dilation * (p.kernel_height - 1) + draw(1, 9);
  p.input_width = p.dilation * (p.kernel_width - 1) + draw(1, 9);
  return p;
}

}  // namespace mbm::test
