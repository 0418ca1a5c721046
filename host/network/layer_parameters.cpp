#include "host/network/layer_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmodel/common/error.hpp"

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

}  // namespace

std::vector<LayerParameters> select_layer_parameters(const Network& network,
                                                     const NamedTensors& tensors,
                                                     const std::string& source) {
  std::vector<LayerParameters> parameters;
  for (const ConvolutionLayer& layer : network.layers()) {
    const ConvolutionProblem& p = layer.problem;
    parameters.push_back(
        {select(tensors, layer.parameter_name + ".weight",
                {p.output_channels, p.input_channels_per_group(), p.kernel_height, p.kernel_width},
                source),
         select(tensors, layer.parameter_name + ".bias", {p.output_channels}, source)});
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
