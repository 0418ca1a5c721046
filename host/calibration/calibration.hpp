// Ranges of a network's activations, measured on images: what the scales of a quantised network are
// chosen from.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct Calibration {
  std::size_t images = 0;                 // images it was measured on
  std::vector<float> activation_maximum;  // per layer: largest magnitude of its input
};

// Runs the float network over `count` images, one at a time, and records the largest magnitude of
// every layer's input (max-abs calibration). `image` returns image i as float32 (1, 3, height,
// width). The result does not depend on how the images of an evaluation are split or batched.
Calibration calibrate_max_abs(const Network& network,
                              const std::vector<LayerParameters>& parameters, std::size_t count,
                              const std::function<at::Tensor(std::size_t)>& image);

}  // namespace mbm
