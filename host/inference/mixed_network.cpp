#include "host/inference/mixed_network.hpp"

#include <algorithm>

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

NetworkProducts products_of(const Network& network, const std::vector<std::size_t>& replaced,
                            const ProductTable& table) {
  NetworkProducts products(network.layers().size());
  for (const std::size_t index : replaced) {
    products[index] = {&table, nullptr};
  }
  return products;
}

MixedNetwork::MixedNetwork(const Network& network, const std::vector<LayerParameters>& parameters,
                           const Calibration& calibration)
    : network_(network), parameters_(parameters) {
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    layers_.emplace_back(network.layers()[i], parameters[i], calibration.layers[i]);
  }
}

MixedPass MixedNetwork::run(const at::Tensor& images, const FloatPass& float_pass,
                            const NetworkProducts& products, ConvolutionEngine& engine,
                            Profile* profile) const {
  const auto time = [profile](Stage stage, double seconds) {
    if (profile != nullptr) profile->add(stage, seconds);
  };
  const auto first = std::find_if(products.begin(), products.end(),
                                  [](const LayerProducts& p) { return p.table != nullptr; });
  const auto first_replaced = static_cast<std::size_t>(first - products.begin());
  MixedPass pass;
  Accumulators sums;
  Stopwatch watch;
  pass.prediction = network_.forward(images, [&](std::size_t index, const at::Tensor& input) {
    time(Stage::between_layers, watch.lap());
    if (index < first_replaced) return float_pass.outputs[index];
    const auto [table, correction] = products[index];
    if (table == nullptr) {
      at::Tensor output = convolve_float(network_.layers()[index], parameters_[index], input);
      time(Stage::float_layers, watch.lap());
      return output;
    }
    const QuantizedLayer& layer = layers_[index];
    const QuantizedTensor activations = layer.quantize_activations(input);
    pass.saturated.push_back(activations.saturated);
    time(Stage::quantisation, watch.lap());
    const ConvolutionJob job = layer.job(activations, *table);
    sums.resize(static_cast<std::size_t>(job.problem.output_count()));
    pass.plans.push_back(engine.describe(job));
    engine.run_into(job, sums);
    const double seconds = watch.lap();
    time(Stage::products, seconds);
    if (profile != nullptr) {
      profile->add_layer(index, pass.plans.back(), job.problem.product_count(), seconds);
    }
    at::Tensor output = layer.dequantize_sums(sums, activations.step, correction);
    time(Stage::dequantisation, watch.lap());
    return output;
  });
  time(Stage::between_layers, watch.lap());
  return pass;
}

}  // namespace mbm
