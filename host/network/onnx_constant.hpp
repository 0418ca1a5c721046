// The arithmetic on shapes that exporters leave in ONNX graphs, evaluated while the graph is read.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "host/network/onnx_model.hpp"

namespace mbm {

// The result of `node` if all its inputs are constants and it is one of the operators that shape
// arithmetic is made of; an absent optional input is an undefined tensor. Nothing for another
// operator. Throws Error(input) that names the node if the operands do not fit it.
std::optional<at::Tensor> evaluate_constant(const OnnxNode& node,
                                            const std::vector<at::Tensor>& inputs);

}  // namespace mbm
