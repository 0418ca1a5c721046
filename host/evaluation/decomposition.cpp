#include "host/evaluation/decomposition.hpp"

#include <cmath>
#include <map>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/inference/tensor_span.hpp"

namespace mbm {
namespace {

at::Tensor dequantized_weights(const QuantizedLayer& layer, const at::Tensor& weight) {
  const QuantizedWeights& quantized = layer.weights();
  at::Tensor result = at::empty_like(weight, at::kFloat);
  const std::span<float> values = mutable_values_of(result);
  const std::size_t part = values.size() / quantized.steps.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(quantized.codes[i]) * quantized.steps[i / part];
  }
  return result;
}

double power(const at::Tensor& values) {
  return at::square(values.to(at::kDouble)).sum().item<double>();
}

constexpr ErrorStage stage_at(std::size_t index) {
  return static_cast<ErrorStage>(index);
}

}  // namespace

void ErrorPowers::operator+=(const ErrorPowers& other) {
  signal += other.signal;
  for (std::size_t s = 0; s < kErrorStages; ++s) {
    added[s] += other.added[s];
    total[s] += other.total[s];
  }
}

double noise_decibels(double noise, double signal) {
  return 10.0 * std::log10(noise / signal);
}

Decomposition::Decomposition(const MixedNetwork& network, std::vector<std::size_t> layers,
                             const StudyMultiplier& column)
    : network_(network),
      layers_(std::move(layers)),
      column_(column),
      exact_(make_product_table("exact")) {
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    rounded_weights_.push_back(
        dequantized_weights(network.layers()[i], network.parameters()[i].weight));
  }
}

at::Tensor Decomposition::convolve(std::size_t layer, const at::Tensor& input, ErrorStage stage,
                                   ConvolutionEngine& engine) const {
  const ConvolutionLayer& description = network_.network().layers()[layer];
  const LayerParameters& parameters = network_.parameters()[layer];
  const QuantizedLayer& quantized = network_.layers()[layer];
  switch (stage) {
    case ErrorStage::exact_float:
      return convolve_float(description, parameters, input);
    case ErrorStage::weight_rounding:
      return convolve_float(description, {rounded_weights_[layer], parameters.bias}, input);
    case ErrorStage::activation_rounding: {
      const double step = quantized.activation_step();
      return convolve_float(description, {rounded_weights_[layer], parameters.bias},
                            at::round(input / step) * step);
    }
    case ErrorStage::clipping:
      return quantized.convolve(quantized.quantize_activations(input), exact_, engine);
    case ErrorStage::multiplier:
      return quantized.convolve(quantized.quantize_activations(input), column_.table, engine);
    case ErrorStage::correction:
      break;
  }
  return quantized.convolve(quantized.quantize_activations(input), column_.table, engine,
                            column_.correction ? &column_.correction->layers[layer] : nullptr);
}

void Decomposition::measure_alone(const at::Tensor& image, ConvolutionEngine& engine,
                                  std::vector<LayerDecomposition>& layers) const {
  std::map<std::size_t, ErrorPowers*> wanted;
  for (LayerDecomposition& layer : layers) wanted[layer.layer] = &layer.alone;
  network_.network().forward(image, [&](std::size_t index, const at::Tensor& input) {
    const at::Tensor exact = convolve(index, input, ErrorStage::exact_float, engine);
    const auto found = wanted.find(index);
    if (found == wanted.end()) return exact;
    ErrorPowers& powers = *found->second;
    powers.signal = power(exact);
    at::Tensor before = exact;
    for (std::size_t s = 1; s < kErrorStages; ++s) {
      const at::Tensor output = convolve(index, input, stage_at(s), engine);
      powers.added[s] = power(output - before);
      powers.total[s] = power(output - exact);
      before = output;
    }
    return exact;
  });
}

ImageDecomposition Decomposition::evaluate(const DepthBatch& batch) const {
  if (batch.samples.size() != 1) {
    fail(ErrorKind::usage, "decomposition: {} images found, 1 expected", batch.samples.size());
  }
  const auto engine = make_cpu_engine(1);
  const at::Tensor image = network_inputs(network_.network(), batch);
  ImageDecomposition result;
  result.image = batch.names.front();
  for (const std::size_t layer : layers_) result.layers.push_back({layer, {}, {}});
  measure_alone(image, *engine, result.layers);

  std::vector<at::Tensor> exact(network_.layers().size());
  std::vector<at::Tensor> before(network_.layers().size());
  for (std::size_t s = 0; s < kErrorStages; ++s) {
    auto next = result.layers.begin();
    const at::Tensor prediction =
        network_.network().forward(image, [&](std::size_t index, const at::Tensor& input) {
          const bool chosen = next != result.layers.end() && next->layer == index;
          at::Tensor output =
              convolve(index, input, chosen ? stage_at(s) : ErrorStage::exact_float, *engine);
          if (!chosen) return output;
          ErrorPowers& powers = (next++)->in_network;
          if (s == 0) {
            exact[index] = output;
            powers.signal = power(output);
          } else {
            powers.added[s] = power(output - before[index]);
            powers.total[s] = power(output - exact[index]);
          }
          before[index] = output;
          return output;
        });
    const std::vector<at::Tensor> maps = depth_maps(prediction, batch);
    result.metrics[s] = batch_metrics(batch, maps).front();
    result.depth[s] = maps.front();
  }
  return result;
}

}  // namespace mbm
