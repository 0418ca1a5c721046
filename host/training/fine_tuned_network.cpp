#include "host/training/fine_tuned_network.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/calibration/calibration_file.hpp"
#include "host/inference/quantized_layer.hpp"
#include "host/inference/tensor_span.hpp"

namespace mbm {
namespace {

constexpr double kMomentum = 0.05;  // weight of the newest batch in a range

// `value` going forward, the gradient to `through` coming back.
at::Tensor straight_through(const at::Tensor& value, const at::Tensor& through) {
  return value + (through - through.detach());  // the difference is exactly 0
}

at::Tensor convolve_exactly(const ConvolutionLayer& layer, const at::Tensor& input,
                            const at::Tensor& weight, const at::Tensor& bias) {
  const ConvolutionProblem& p = layer.problem;
  return at::conv2d(input, weight, bias, p.stride, p.padding, p.dilation, p.groups);
}

// step * code, of the shape of `like`.
at::Tensor real_numbers(const QuantizedTensor& tensor, const at::Tensor& like) {
  at::Tensor values = at::empty(like.sizes(), at::kFloat);
  std::transform(tensor.codes.begin(), tensor.codes.end(), mutable_values_of(values).begin(),
                 [&](std::int16_t code) { return static_cast<float>(code) * tensor.step; });
  return values;
}

}  // namespace

FineTunedNetwork::FineTunedNetwork(const Network& network, std::vector<LayerParameters> parameters,
                                   FineTuningOptions options)
    : network_(network),
      layers_(std::move(parameters)),
      options_(std::move(options)),
      learns_(layers_.size(), false),
      engine_(make_cpu_engine(options_.threads)),
      ranges_(at::zeros({static_cast<std::int64_t>(layers_.size()), 2})) {
  if (options_.scheme.activation_range != RangeMethod::max_abs) {
    fail(ErrorKind::usage, "training chooses activation ranges by max-abs, {} found",
         name_of(options_.scheme.activation_range));
  }
  for (const std::size_t index : options_.layers) {
    learns_[index] = true;
    LayerParameters& layer = layers_[index];
    const ConvolutionLayer& description = network_.layers()[index];
    if (!at::isfinite(layer.weight).all().item<bool>() ||
        !at::isfinite(layer.bias).all().item<bool>()) {
      fail(ErrorKind::input, "layer {}: weights that are not finite found", description.name);
    }
    layer = {layer.weight.clone().requires_grad_(true), layer.bias.clone().requires_grad_(true)};
    learning_[description.parameter_name + ".weight"] = layer.weight;
    if (description.has_bias) learning_[description.parameter_name + ".bias"] = layer.bias;
  }
}

void FineTunedNetwork::observe(std::size_t index, const at::Tensor& input) {
  const auto [lowest, highest] = at::aminmax(input.detach());
  const auto smallest = lowest.item<float>();
  const float magnitude = std::max(-smallest, highest.item<float>());
  float* range = ranges_.data_ptr<float>() + 2 * index;
  range[0] = std::min(range[0], smallest);
  const bool first = range[1] == 0.0F;
  range[1] =
      first ? magnitude : static_cast<float>((1 - kMomentum) * range[1] + kMomentum * magnitude);
}

LayerQuantization FineTunedNetwork::quantization(std::size_t index) const {
  const float* range = ranges_.data_ptr<float>() + 2 * index;
  const LayerParameters& layer = layers_[index];
  return quantize_layer(network_.layers()[index], {layer.weight.detach(), layer.bias.detach()},
                        {range[0], range[1]}, options_.scheme);
}

at::Tensor FineTunedNetwork::convolve_approximately(std::size_t index,
                                                    const at::Tensor& input) const {
  const ConvolutionLayer& description = network_.layers()[index];
  const LayerParameters& layer = layers_[index];
  const LayerParameters fixed{layer.weight.detach(), layer.bias.detach()};
  const LayerQuantization operands = quantization(index);
  const QuantizedLayer quantized(description, fixed, operands);
  const QuantizedTensor activations = quantized.quantize_activations(input.detach());
  const at::Tensor output = quantized.convolve(activations, *options_.table, *engine_);
  if (!at::GradMode::is_enabled()) return output;
  const at::Tensor values = real_numbers(activations, input);
  const float largest = activations.step * static_cast<float>(largest_code(activations.format));
  const float smallest = activations.step * static_cast<float>(smallest_code(activations.format));
  const at::Tensor weights =
      quantized_weight(description, fixed, operands.weight_steps, operands.weight_format);
  return straight_through(
      output,
      convolve_exactly(description, straight_through(values, at::clamp(input, smallest, largest)),
                       straight_through(weights, layer.weight), layer.bias));
}

at::Tensor FineTunedNetwork::convolve(std::size_t index, const at::Tensor& input) const {
  const ConvolutionLayer& description = network_.layers()[index];
  if (!learns(index)) return convolve_float(description, layers_[index], input);
  if (options_.table) return convolve_approximately(index, input);
  return convolve_exactly(description, input, layers_[index].weight, layers_[index].bias);
}

at::Tensor FineTunedNetwork::forward_training(const at::Tensor& images) {
  return network_.forward(images, [this](std::size_t index, const at::Tensor& input) {
    observe(index, input);
    return convolve(index, input);
  });
}

at::Tensor FineTunedNetwork::forward_evaluation(const at::Tensor& images) const {
  const at::NoGradGuard no_gradients;
  return network_.forward(images, [this](std::size_t index, const at::Tensor& input) {
    return convolve(index, input);
  });
}

NamedTensors FineTunedNetwork::fold() const {
  NamedTensors all;
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    const ConvolutionLayer& description = network_.layers()[index];
    const std::string& name = description.parameter_name;
    all[name + ".weight"] = layers_[index].weight.detach().clone();
    if (description.has_bias) all[name + ".bias"] = layers_[index].bias.detach().clone();
  }
  return all;
}

NamedTensors FineTunedNetwork::state() const {
  NamedTensors all = learning_;
  all["activation_ranges"] = ranges_;
  return all;
}

std::map<std::string, std::string> FineTunedNetwork::provenance() const {
  std::vector<std::string> names;
  for (const std::size_t index : options_.layers) names.push_back(network_.layers()[index].name);
  std::map<std::string, std::string> all{{"layers", fmt::format("{}", fmt::join(names, ","))}};
  if (!options_.table) return all;
  all["multiplier"] = options_.table->name();
  all["table_sha256"] = sha256_of_table(*options_.table);
  all["operands"] = name_of(options_.scheme.operands);
  all["weight_scales"] = name_of(options_.scheme.weight_scales);
  all["step_rounding"] = name_of(options_.scheme.step_rounding);
  return all;
}

Calibration FineTunedNetwork::calibration() const {
  Calibration calibration{1, options_.scheme, {}};
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    calibration.layers.push_back(quantization(index));
  }
  return calibration;
}

}  // namespace mbm
