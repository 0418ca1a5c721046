#include "host/inference/quantized_layer.hpp"

#include <span>

namespace mbm {
namespace {

std::span<const float> values_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

QuantizedTensor quantize_weights(const ConvolutionLayer& layer, const at::Tensor& weight,
                                 OperandFormat format) {
  const std::string what = "weights of layer " + layer.name;
  const std::span<const float> values = values_of(weight);
  return quantize(values, step_for_maximum(maximum_magnitude(values, what), format), format, what);
}

}  // namespace

QuantizedLayer::QuantizedLayer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                               float activation_maximum, OperandFormat format)
    : layer_(layer),
      bias_(parameters.bias),
      weights_(quantize_weights(layer, parameters.weight, format)),
      weights_id_(new_weights_id()),
      activation_step_(step_for_maximum(activation_maximum, format)),
      format_(format) {}

ConvolutionProblem QuantizedLayer::problem(std::int64_t batch) const {
  ConvolutionProblem problem = layer_.problem;
  problem.batch = batch;
  return problem;
}

QuantizedTensor QuantizedLayer::quantize_activations(const at::Tensor& input) const {
  const at::Tensor contiguous = input.contiguous();
  return quantize(values_of(contiguous), activation_step_, format_,
                  "activations of layer " + layer_.name);
}

ConvolutionJob QuantizedLayer::job(const QuantizedTensor& activations,
                                   const ProductTable& table) const {
  const std::int64_t batch =
      static_cast<std::int64_t>(activations.codes.size()) / layer_.problem.activation_count();
  return {problem(batch), activations.codes, weights_.codes, &table, weights_id_};
}

at::Tensor QuantizedLayer::dequantize_sums(const QuantizedTensor& activations,
                                           std::span<const std::int32_t> sums) const {
  const std::int64_t batch =
      static_cast<std::int64_t>(activations.codes.size()) / layer_.problem.activation_count();
  const ConvolutionProblem& p = layer_.problem;
  at::Tensor output =
      at::empty({batch, p.output_channels, p.output_height(), p.output_width()}, at::kFloat);
  dequantize(sums, weights_.step * activations.step, values_of(bias_), p.output_channels,
             p.output_height() * p.output_width(),
             {output.data_ptr<float>(), static_cast<std::size_t>(output.numel())});
  return output;
}

}  // namespace mbm
