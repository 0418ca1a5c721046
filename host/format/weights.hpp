#pragma once

#include <filesystem>

#include "host/format/named_tensors.hpp"

namespace mbm {

// Reads the weights of a network from a safetensors file, a PyTorch checkpoint of a state dict or a
// NumPy archive (.npz), recognised by the content, not by the name. Error(input) if it is none of
// these, malformed or empty, or if a weight is infinite or not a number; the message names file,
// tensor and index.
NamedTensors read_weights(const std::filesystem::path& path);

}  // namespace mbm
