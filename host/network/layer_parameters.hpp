// Weights and biases of a network's convolutions, taken from a weights file and checked.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "host/format/safetensors.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct LayerParameters {
  at::Tensor weight;  // float32 (output_channels, input_channels / groups, kernel height, width)
  at::Tensor bias;    // float32 (output_channels)
};

// The parameters of every layer of `network`, in its order. Throws Error(input) that names
// `source`, the tensor, what was found and what was expected if one is missing or of another shape.
std::vector<LayerParameters> select_layer_parameters(const Network& network,
                                                     const NamedTensors& tensors,
                                                     const std::string& source);

// The layer's convolution in float32, bias included.
at::Tensor convolve_float(const ConvolutionLayer& layer, const LayerParameters& parameters,
                          const at::Tensor& input);

}  // namespace mbm
