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
                            const ProductTable& table, ConvolutionEngine& engine,
                            Profile* profile) const {
  const std::size_t first_replaced = replaced_.empty() ? layers_.size() : replaced_.front();
  const auto time = [profile](Stage stage, double seconds) {
    if (profile != nullptr) profile->add(stage, seconds);
  };
  MixedPass pass;
  Accumulators sums;
  Stopwatch watch;
  pass.prediction = network_.forward(images, [&](std::size_t index, const at::Tensor& input) {
    time(Stage::between_layers, watch.lap());
    if (index < first_replaced) return float_pass.outputs[index];
    if (!layers_[index]) {
      at::Tensor output = convolve_float(network_.layers()[index], parameters_[index], input);
      time(Stage::float_layers, watch.lap());
      return output;
    }
    const QuantizedLayer& layer = *layers_[index];
    const QuantizedTensor activations = layer.quantize_activations(input);
    pass.saturated.push_back(activations.saturated);
    time(Stage::quantisation, watch.lap());
    const ConvolutionJob job = layer.job(activations, table);
    sums.resize(static_cast<std::size_t>(job.problem.output_count()));
    pass.plans.push_back(engine.describe(job));
    engine.run_into(job, sums);
    const double seconds = watch.lap();
    time(Stage::products, seconds);
    if (profile != nullptr) {
      profile->add_layer(index, pass.plans.back(), job.problem.product_count(), seconds);
    }
    at::Tensor output = layer.dequantize_sums(activations, sums);
    time(Stage::dequantisation, watch.lap());
    return output;
  });
  time(Stage::between_layers, watch.lap());
  return pass;
}

}  // namespace mbm
