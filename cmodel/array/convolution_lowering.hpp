// Convolutions as commands.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cmodel/array/convolution_plan.hpp"
#include "cmodel/array/lowering.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {

struct DeviceConvolution {
  std::string name;                       // for messages
  ConvolutionProblem problem;             // of one image
  std::span<const std::int16_t> weights;  // layout of the problem
  const Requantization* requantization = nullptr;
  TensorView input;
  TensorView output;
  int sum_bits = 32;
  RowProducer* producer = nullptr;  // of rows of the input, of which no command has been appended
};

// Appends the commands of one image, places weights and parameters in memory, returns the plan.
// Throws Error(usage) that names the layer if something does not fit.
ConvolutionPlan lower_convolution(LoweringContext& context, const DeviceConvolution& layer,
                                  bool zero_annihilates);

}  // namespace mbm
