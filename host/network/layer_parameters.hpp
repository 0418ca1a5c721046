// Weights and biases of a network's convolutions, taken from a weights file and checked.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/format/safetensors.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct LayerParameters {
  at::Tensor weight;  // float32 (output_channels, input_channels / groups, kernel height, width)
  at::Tensor bias;    // float32 (output_channels)
};

// The parameters of every layer of `network`, in its order. Where `tensors` has the running
// variance of a layer's batch normalisation, the normalisation is folded into weights and bias;
// else the file holds them folded. Throws Error(input) that names `source`, the tensor, what was
// found and what was expected if one is missing or of another shape.
std::vector<LayerParameters> select_layer_parameters(const Network& network,
                                                     const NamedTensors& tensors,
                                                     const std::string& source);

// Random parameters, the same for the same seed on every machine: weights uniform with He's
// variance (ICCV 2015), biases within 0.1, normalisations of scale 1. For speed, cycles and energy
// of a network without public weights; what such a network predicts means nothing.
std::vector<LayerParameters> seeded_parameters(const Network& network, std::uint64_t seed);

// The layer's convolution in float32, bias included.
at::Tensor convolve_float(const ConvolutionLayer& layer, const LayerParameters& parameters,
                          const at::Tensor& input);

}  // namespace mbm
