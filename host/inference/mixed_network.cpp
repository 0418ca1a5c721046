#include "host/inference/mixed_network.hpp"

#include <utility>

namespace mbm {

FloatPass run_float(const Network& network, const std::vector<LayerParameters>& parameters,
                    const at::Tensor& images) {
  FloatPass pass;
  pass.outputs.resize(network.layers().size());
  pass.prediction = network.forward(images, [&](std::size_t index, const at::Tensor& input) {
    pass.outputs[index] = convolve_float(network.layers()[index], parameters[index], input);
    return pass.outputs[index];
  });
  return pass;
}

MixedNetwork::MixedNetwork(const Network& network, const std::vector<LayerParameters>& parameters,
                           const Calibration& calibration, std::vector<std::size_t> replaced,
                           OperandFormat format)
    : network_(network),
      parameters_(parameters),
      replaced_(std::move(replaced)),
      layers_(network.layers().size()) {
  for (const std::size_t index : replaced_) {
    layers_[index].emplace(network.layers()[index], parameters[index],
                           calibration.activation_maximum[index], format);
  }
}

MixedPass MixedNetwork::run(const at::Tensor& images, const FloatPass& float_pass,
                            const ProductTable& table, ConvolutionEngine& engine) const {
  const std::size_t first_replaced = replaced_.empty() ? layers_.size() : replaced_.front();
  MixedPass pass;
  pass.prediction = network_.forward(images, [&](std::size_t index, const at::Tensor& input) {
    if (index < first_replaced) return float_pass.outputs[index];
    if (!layers_[index]) {
      return convolve_float(network_.layers()[index], parameters_[index], input);
    }
    const QuantizedTensor activations = layers_[index]->quantize_activations(input);
    pass.saturated.push_back(activations.saturated);
    return layers_[index]->convolve(activations, table, engine);
  });
  return pass;
}

}  // namespace mbm
