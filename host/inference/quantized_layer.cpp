#include "host/inference/quantized_layer.hpp"

#include <span>

#include "host/calibration/correction.hpp"
#include "host/inference/tensor_span.hpp"

namespace mbm {

at::Tensor quantized_weight(const ConvolutionLayer& layer, const LayerParameters& parameters,
                            const std::vector<float>& steps, OperandFormat format) {
  const QuantizedWeights weights = quantize_channels(values_of(parameters.weight), steps, format,
                                                     "weights of layer " + layer.name);
  at::Tensor result = at::empty(parameters.weight.sizes(), at::kFloat);
  const std::span<float> values = mutable_values_of(result);
  const std::size_t part = values.size() / steps.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(weights.codes[i]) * steps[i / part];
  }
  return result;
}

QuantizedLayer::QuantizedLayer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                               const LayerQuantization& quantization)
    : layer_(layer),
      bias_(parameters.bias),
      weights_(quantize_channels(values_of(parameters.weight), quantization.weight_steps,
                                 quantization.weight_format, "weights of layer " + layer.name)),
      weights_id_(new_weights_id()),
      activation_step_(quantization.activation_step),
      activation_format_(quantization.activation_format) {}

ConvolutionProblem QuantizedLayer::problem(std::int64_t batch) const {
  ConvolutionProblem problem = layer_.problem;
  problem.batch = batch;
  return problem;
}

QuantizedTensor QuantizedLayer::quantize_activations(const at::Tensor& input) const {
  const at::Tensor contiguous = input.contiguous();
  return quantize(values_of(contiguous), activation_step_, activation_format_,
                  "activations of layer " + layer_.name);
}

ConvolutionJob QuantizedLayer::job(const QuantizedTensor& activations,
                                   const ProductTable& table) const {
  const std::int64_t batch =
      static_cast<std::int64_t>(activations.codes.size()) / layer_.problem.activation_count();
  return {problem(batch), activations.codes, weights_.codes, &table, weights_id_};
}

Accumulators QuantizedLayer::accumulate(const QuantizedTensor& activations,
                                        const ProductTable& table,
                                        ConvolutionEngine& engine) const {
  return engine.run(job(activations, table));
}

std::vector<float> QuantizedLayer::output_steps(float activation_step,
                                                const LayerCorrection* correction) const {
  std::vector<float> steps = weights_.steps;
  for (float& step : steps) step *= activation_step;
  if (correction == nullptr) return steps;
  steps.resize(correction->gain.size(), steps.front());
  for (std::size_t channel = 0; channel < steps.size(); ++channel) {
    steps[channel] *= correction->gain[channel];
  }
  return steps;
}

at::Tensor QuantizedLayer::convolve(const QuantizedTensor& activations, const ProductTable& table,
                                    ConvolutionEngine& engine,
                                    const LayerCorrection* correction) const {
  return dequantize_sums(accumulate(activations, table, engine), activations.step, correction);
}

at::Tensor QuantizedLayer::dequantize_sums(std::span<const std::int32_t> sums,
                                           float activation_step,
                                           const LayerCorrection* correction) const {
  const ConvolutionProblem& p = layer_.problem;
  at::Tensor output = at::empty({static_cast<std::int64_t>(sums.size()) /
                                     (p.output_channels * p.output_height() * p.output_width()),
                                 p.output_channels, p.output_height(), p.output_width()},
                                at::kFloat);
  std::vector<float> bias(values_of(bias_).begin(), values_of(bias_).end());
  for (std::size_t channel = 0; correction != nullptr && channel < bias.size(); ++channel) {
    bias[channel] += correction->offset[channel];
  }
  dequantize(sums, output_steps(activation_step, correction), bias, p.output_channels,
             p.output_height() * p.output_width(), mutable_values_of(output));
  return output;
}

}  // namespace mbm
