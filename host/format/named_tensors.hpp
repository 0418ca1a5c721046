#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace mbm {

// The weights of a network by name, such as "up5.convB.weight". Tensors are contiguous and on the
// CPU.
using NamedTensors = std::map<std::string, at::Tensor>;

}  // namespace mbm
