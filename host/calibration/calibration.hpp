// The scales of a network: measured on images, one choice a layer.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "host/calibration/magnitude_histogram.hpp"
#include "host/calibration/quantization_scheme.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct Calibration {
  std::size_t images = 0;  // images it was measured on
  QuantizationScheme scheme;
  std::vector<LayerQuantization> layers;  // of the network, in its order
};

// Image i as float32 (1, 3, height, width).
using ImageSource = std::function<at::Tensor(std::size_t)>;

// Runs the float network over `count` images, one at a time: a histogram of every layer's input.
std::vector<MagnitudeHistogram> measure_activations(const Network& network,
                                                    const std::vector<LayerParameters>& parameters,
                                                    std::size_t count, const ImageSource& image);

// What a layer's input takes up.
struct ActivationRange {
  float smallest = 0.0F;           // value seen
  float largest_magnitude = 0.0F;  // that is not clipped
};

// The operands of a layer with these weights and this range of its input.
LayerQuantization quantize_layer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                                 const ActivationRange& activations,
                                 const QuantizationScheme& scheme);

// The operands of a layer with these weights, whose input was measured as `activations`.
LayerQuantization quantize_layer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                                 const MagnitudeHistogram& activations,
                                 const QuantizationScheme& scheme);

// Both, for every layer. The result does not depend on how the images of an evaluation are split or
// batched.
Calibration calibrate(const Network& network, const std::vector<LayerParameters>& parameters,
                      const QuantizationScheme& scheme, std::size_t count,
                      const ImageSource& image);

}  // namespace mbm
