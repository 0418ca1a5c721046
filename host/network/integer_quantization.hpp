// The steps of an integer network: of every tensor and of every layer's weights.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "cmodel/network/integer_network.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "host/calibration/quantization_scheme.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

// The smallest and largest value of a tensor and 0.
struct TensorRange {
  float lowest = 0.0F;
  float highest = 0.0F;
};

// Ranges of the tensors of all nodes of the network's graph, measured by running the float network
// over `count` images, one at a time; `image` returns image i as (1, channels, height, width).
// Throws Error(input) that names the node for a value that is not finite.
std::vector<TensorRange> measure_tensor_ranges(const Network& network,
                                               const std::vector<LayerParameters>& parameters,
                                               std::size_t count,
                                               const std::function<at::Tensor(std::size_t)>& image);

struct TensorQuantization {
  float step = 1.0F;
  OperandFormat format = OperandFormat::sign_magnitude8;
};

struct IntegerQuantization {
  std::vector<TensorQuantization> tensors;       // per node of the graph
  std::vector<std::vector<float>> weight_steps;  // per layer: one, or one an output channel
  OperandFormat weight_format = OperandFormat::sign_magnitude8;
  RequantizationRounding rounding = RequantizationRounding::nearest;
  bool divides = false;  // sums of products by round(1/M), instead of multiplying them by M
};

// Steps by the largest magnitude, rounded as `scheme` says. Unless both operands are int8, a tensor
// that cannot be negative is uint8; any other one has the format of the scheme. Operations without
// arithmetic keep their input's step; a tensor that is only ever concatenated takes the step of the
// whole, so that it is rounded once; an output channel without weights takes its layer's step.
// Throws Error(usage) for a scheme that chooses ranges in another way than by the largest
// magnitude.
IntegerQuantization choose_integer_quantization(const Network& network,
                                                const std::vector<LayerParameters>& parameters,
                                                const std::vector<TensorRange>& ranges,
                                                const QuantizationScheme& scheme,
                                                RequantizationRounding rounding);

// The activation that is computed together with node `node`, whose tensor is then never kept: the
// only reader of a convolution or an addition, if it is a Clip or, of a convolution, a LeakyRelu.
// `node` itself if there is none.
NodeIndex fused_activation(const Graph& graph, NodeIndex node,
                           const std::vector<std::size_t>& use_counts);

// Whether the codes of the node are codes of its inputs, so that steps must agree.
bool keeps_step(const Operation& operation);

}  // namespace mbm
