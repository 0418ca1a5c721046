#include "host/network/layer_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm {
namespace {

std::string shape_text(at::IntArrayRef shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

at::Tensor select(const NamedTensors& tensors, const std::string& name,
                  const std::vector<std::int64_t>& shape, const std::string& source) {
  const auto entry = tensors.find(name);
  if (entry == tensors.end()) {
    fail(ErrorKind::input, "{}: no tensor '{}', one of shape {} expected", source, name,
         shape_text(shape));
  }
  if (entry->second.sizes() != at::IntArrayRef(shape)) {
    fail(ErrorKind::input, "{}: tensor '{}' has shape {}, {} expected", source, name,
         shape_text(entry->second.sizes()), shape_text(shape));
  }
  return entry->second.to(at::kFloat).contiguous();
}

// The weights of a layer; those of a fully connected one may be a matrix.
at::Tensor select_weight(const NamedTensors& tensors, const ConvolutionLayer& layer,
                         const std::vector<std::int64_t>& shape, const std::string& source) {
  const ConvolutionProblem& p = layer.problem;
  const std::string name = layer.parameter_name + ".weight";
  const auto entry = tensors.find(name);
  const bool is_matrix = entry != tensors.end() && entry->second.dim() == 2;
  const bool is_fully_connected = p.padding == 0 && p.output_height() * p.output_width() == 1;
  if (!is_matrix || !is_fully_connected) return select(tensors, name, shape, source);
  return select(tensors, name, {p.output_channels, p.reduction_length()}, source).reshape(shape);
}

at::Tensor select_bias(const NamedTensors& tensors, const ConvolutionLayer& layer,
                       const std::string& source) {
  if (!layer.has_bias) return at::zeros({layer.problem.output_channels});
  return select(tensors, layer.parameter_name + ".bias", {layer.problem.output_channels}, source);
}

constexpr double kNormalizationEpsilon = 1e-5;  // PyTorch's

// Scale and shift of the batch normalisation `prefix` in evaluation.
struct ScaleAndShift {
  at::Tensor scale;
  at::Tensor shift;
};

ScaleAndShift select_normalization(const NamedTensors& tensors, const std::string& prefix,
                                   std::int64_t channels, const std::string& source) {
  const auto parameter = [&](const char* name) {
    return select(tensors, prefix + name, {channels}, source).to(at::kDouble);
  };
  const at::Tensor variance = parameter(".running_var");
  if (!(variance >= 0).all().item<bool>()) {
    fail(ErrorKind::input, "{}: tensor '{}.running_var' has a negative value", source, prefix);
  }
  const at::Tensor scale = parameter(".weight") / at::sqrt(variance + kNormalizationEpsilon);
  return {scale, parameter(".bias") - parameter(".running_mean") * scale};
}

LayerParameters fold(const at::Tensor& weight, const at::Tensor& bias,
                     const ScaleAndShift& normalization) {
  const at::Tensor& scale = normalization.scale;
  return {(weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(at::kFloat).contiguous(),
          (bias.to(at::kDouble) * scale + normalization.shift).to(at::kFloat).contiguous()};
}

LayerParameters select_parameters(const ConvolutionLayer& layer, const NamedTensors& tensors,
                                  const std::string& source) {
  const ConvolutionProblem& p = layer.problem;
  const std::vector<std::int64_t> shape{p.output_channels, p.input_channels_per_group(),
                                        p.kernel_height, p.kernel_width};
  const std::string& normalization = layer.normalization_name;
  if (normalization.empty() || !tensors.contains(normalization + ".running_var")) {
    return {select_weight(tensors, layer, shape, source), select_bias(tensors, layer, source)};
  }
  const ScaleAndShift folded =
      select_normalization(tensors, normalization, p.output_channels, source);
  if (layer.is_normalization) return fold(at::ones(shape), at::zeros({p.output_channels}), folded);
  // A convolution in front of a normalisation usually has no bias of its own.
  const at::Tensor bias = tensors.contains(layer.parameter_name + ".bias")
                              ? select_bias(tensors, layer, source)
                              : at::zeros({p.output_channels});
  return fold(select_weight(tensors, layer, shape, source), bias, folded);
}

}  // namespace

std::vector<LayerParameters> select_layer_parameters(const Network& network,
                                                     const NamedTensors& tensors,
                                                     const std::string& source) {
  std::vector<LayerParameters> parameters;
  for (const ConvolutionLayer& layer : network.layers()) {
    parameters.push_back(select_parameters(layer, tensors, source));
  }
  return parameters;
}

std::vector<LayerParameters> seeded_parameters(const Network& network, std::uint64_t seed) {
  std::vector<LayerParameters> parameters;
  rooms::RandomStream random(seed);
  const auto uniform = [&](const std::vector<std::int64_t>& shape, double bound) {
    at::Tensor tensor = at::empty(shape, at::kFloat);
    float* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
      values[i] = static_cast<float>(random.uniform(-bound, bound));
    }
    return tensor;
  };
  for (const ConvolutionLayer& layer : network.layers()) {
    const ConvolutionProblem& p = layer.problem;
    const std::vector<std::int64_t> shape{p.output_channels, p.input_channels_per_group(),
                                          p.kernel_height, p.kernel_width};
    const double bound = std::sqrt(6.0 / static_cast<double>(p.reduction_length()));
    at::Tensor weight = layer.is_normalization ? at::ones(shape) : uniform(shape, bound);
    parameters.push_back({std::move(weight), uniform({p.output_channels}, 0.1)});
  }
  return parameters;
}

at::Tensor convolve_float(const ConvolutionLayer& layer, const LayerParameters& parameters,
                          const at::Tensor& input) {
  const ConvolutionProblem& p = layer.problem;
  // By itself libtorch leaves 1x1 convolutions on one thread to the BLAS, which in Debian is the
  // slow reference one.
  if (at::globalContext().hasMKLDNN() && !parameters.weight.requires_grad()) {
    return at::mkldnn_convolution(input, parameters.weight, parameters.bias, {p.padding, p.padding},
                                  {p.stride, p.stride}, {p.dilation, p.dilation}, p.groups);
  }
  return at::conv2d(input, parameters.weight, parameters.bias, p.stride, p.padding, p.dilation,
                    p.groups);
}

}  // namespace mbm
