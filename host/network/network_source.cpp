#include "host/network/network_source.hpp"

#include <filesystem>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/format/sha256.hpp"
#include "host/format/weights.hpp"
#include "host/network/fastdepth_weights.hpp"
#include "host/network/onnx_import.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

nlohmann::json file_description(const fs::path& path) {
  return {{"file", path.filename().string()}, {"sha256", sha256_of_path(path)}};
}

LoadedNetwork load_onnx(const NetworkSource& source) {
  if (!source.weights.empty()) {
    fail(ErrorKind::usage, "network {}: an ONNX file has its weights; --weights is for others",
         source.network);
  }
  const InputScaling scaling{source.input_mean, source.input_deviation};
  OnnxNetwork onnx = read_onnx_network(source.network, scaling);
  LoadedNetwork loaded;
  loaded.parameters = select_layer_parameters(*onnx.network, onnx.tensors, source.network);
  loaded.network = std::move(onnx.network);
  loaded.weights = file_description(source.network);
  return loaded;
}

}  // namespace

bool is_onnx_path(const std::string& network) {
  return network.ends_with(".onnx");
}

LoadedNetwork load_network(const NetworkSource& source) {
  if (is_onnx_path(source.network)) return load_onnx(source);
  if (!source.input_mean.empty() || !source.input_deviation.empty()) {
    fail(ErrorKind::usage,
         "network {}: its input's mean and deviation are known, the options are "
         "for ONNX files",
         source.network);
  }
  LoadedNetwork loaded;
  loaded.network = make_network(source.network);
  if (source.weights.empty()) {
    if (source.network != "densedepth-densenet161") {
      fail(ErrorKind::usage, "network {}: no embedded weights; give --weights FILE",
           source.network);
    }
    loaded.parameters = seeded_parameters(*loaded.network, source.seed);
    loaded.is_seeded = true;
    loaded.weights = {{"seeded", source.seed}};
    return loaded;
  }
  loaded.weights = file_description(source.weights);
  if (source.network == "fastdepth") {
    FastDepthWeights weights = read_fastdepth_weights(source.weights, *loaded.network);
    loaded.parameters = select_layer_parameters(*loaded.network, weights.tensors, source.weights);
    loaded.quantization = std::move(weights.quantization);
    return loaded;
  }
  loaded.parameters =
      select_layer_parameters(*loaded.network, read_weights(source.weights), source.weights);
  return loaded;
}

}  // namespace mbm
