// The public integer conversion of FastDepth: weights, biases and the steps of its tensors.
#pragma once

#include <filesystem>

#include "host/format/named_tensors.hpp"
#include "host/network/integer_quantization.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct FastDepthWeights {
  NamedTensors tensors;              // real numbers, by the names of make_fastdepth()'s layers
  IntegerQuantization quantization;  // as published: int8 weights with a step a channel, unsigned
                                     // activations
};

// Reads NAME.npz (opNN_w, opNN_b, opNN_wscale) and NAME_graph.json beside it (operators and scales
// of activations in TensorFlow Lite's terms), and checks them against `network`, which is
// make_fastdepth(). Activations of the conversion are int8 with zero point -128: the same codes
// less 128. Throws Error(input) that names file, operator, what was found and expected.
FastDepthWeights read_fastdepth_weights(const std::filesystem::path& path, const Network& network);

}  // namespace mbm
