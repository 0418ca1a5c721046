// A network as the command line names it: built in or from an ONNX file, with its parameters.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/network/integer_quantization.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct NetworkSource {
  std::string network;  // a built-in name, or the path of an .onnx file
  std::string weights;  // path; of an ONNX network empty, its file has them
  std::uint64_t seed = 0;
  // What is taken off the image / 255 and what it is divided by, one value or one a channel; empty:
  // as the network says.
  std::vector<float> input_mean = {};
  std::vector<float> input_deviation = {};
};

struct LoadedNetwork {
  std::unique_ptr<const Network> network;
  std::vector<LayerParameters> parameters;
  std::optional<IntegerQuantization> quantization;  // of a network that was published in integers
  bool is_seeded = false;                           // random parameters: predictions mean nothing
  nlohmann::json weights;                           // for results: file and digest, or the seed
};

bool is_onnx_path(const std::string& network);

// Loads it. A network without public weights (densedepth-densenet161) gets seeded ones if no file
// is given. What an ONNX network predicts follows from its output: scores of classes if it is one
// pixel, else 10 / depth. Throws Error(usage) for an unknown name or a missing --weights,
// Error(input) for files.
LoadedNetwork load_network(const NetworkSource& source);

}  // namespace mbm
