#include "host/cli/cost_layers.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "cmodel/common/error.hpp"
#include "host/inference/quantized_layer.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

// The codes of what reaches each wanted layer in one pass of the float network.
std::map<std::size_t, std::vector<std::int16_t>> layer_inputs(
    const StudyInputs& inputs, const StoredCalibration& stored,
    const std::vector<std::size_t>& layers, std::size_t image) {
  std::map<std::size_t, std::vector<std::int16_t>> codes;
  const at::Tensor input = network_input(*inputs.network, inputs.dataset->load(image),
                                         inputs.dataset->image_name(image));
  inputs.network->forward(input, [&](std::size_t index, const at::Tensor& reached) {
    const auto& layer = inputs.network->layers()[index];
    if (std::ranges::find(layers, index) != layers.end()) {
      const QuantizedLayer quantized(layer, inputs.parameters[index],
                                     stored.calibration.layers[index]);
      const QuantizedTensor activations = quantized.quantize_activations(reached);
      codes[index].assign(activations.codes.begin(), activations.codes.end());
    }
    return convolve_float(layer, inputs.parameters[index], reached);
  });
  return codes;
}

// Bits that the largest magnitude of a layer's codes needs.
int magnitude_bits(const LayerQuantization& layer) {
  const int largest =
      std::max({largest_code(layer.weight_format), -smallest_code(layer.weight_format),
                largest_code(layer.activation_format), -smallest_code(layer.activation_format)});
  return std::bit_width(static_cast<unsigned>(largest));
}

}  // namespace

std::vector<CostLayer> sample_layers(const StudyInputs& inputs, const StudyOptions& study,
                                     const std::vector<std::size_t>& layers,
                                     const AcceleratorParameters& parameters,
                                     const SampleOptions& options) {
  if (options.image >= inputs.dataset->size()) {
    fail(ErrorKind::usage, "--image: {} found, 0..{} expected", options.image,
         inputs.dataset->size() - 1);
  }
  std::vector<StudyMultiplier> columns;
  const StoredCalibration stored = calibrate(inputs, study, columns);
  const auto codes = layer_inputs(inputs, stored, layers, options.image);
  Progress progress("operands of layers", layers.size());
  std::vector<CostLayer> result;
  for (const std::size_t index : layers) {
    const QuantizedLayer quantized(inputs.network->layers()[index], inputs.parameters[index],
                                   stored.calibration.layers[index]);
    CostLayer layer;
    layer.name = inputs.network->layers()[index].name;
    layer.problem = quantized.problem(1);
    const std::vector<std::int16_t> weights(quantized.weights().codes.begin(),
                                            quantized.weights().codes.end());
    layer.sample = sample_layer(layer.problem, codes.at(index), weights, parameters, options.tiles,
                                options.positions);
    layer.sample.operand_bits = magnitude_bits(stored.calibration.layers[index]);
    if (options.counts) layer.counts = count_layer(layer.name, layer.problem, weights, parameters);
    result.push_back(std::move(layer));
    progress.advance();
  }
  return result;
}

}  // namespace mbm
