#include "host/calibration/calibration.hpp"

#include "cmodel/common/error.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "host/inference/tensor_span.hpp"

namespace mbm {
namespace {

std::vector<float> weight_steps(const ConvolutionLayer& layer, const at::Tensor& weight,
                                OperandFormat format, const QuantizationScheme& scheme) {
  const std::span<const float> values = values_of(weight);
  const std::size_t parts = scheme.weight_scales == WeightScales::tensor
                                ? 1
                                : static_cast<std::size_t>(layer.problem.output_channels);
  const std::size_t size = values.size() / parts;
  std::vector<float> steps;
  for (std::size_t part = 0; part < parts; ++part) {
    const float largest =
        maximum_magnitude(values.subspan(part * size, size), "weights of layer " + layer.name);
    steps.push_back(round_step(step_for_maximum(largest, format), scheme.step_rounding));
  }
  return steps;
}

}  // namespace

std::vector<MagnitudeHistogram> measure_activations(const Network& network,
                                                    const std::vector<LayerParameters>& parameters,
                                                    std::size_t count, const ImageSource& image) {
  if (count == 0) fail(ErrorKind::usage, "calibration: 0 images found, at least 1 expected");
  std::vector<MagnitudeHistogram> histograms(network.layers().size());
  for (std::size_t i = 0; i < count; ++i) {
    network.forward(image(i), [&](std::size_t index, const at::Tensor& input) {
      histograms[index].add(values_of(input.contiguous()),
                            "activations of layer " + network.layers()[index].name);
      return convolve_float(network.layers()[index], parameters[index], input);
    });
  }
  return histograms;
}

LayerQuantization quantize_layer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                                 const ActivationRange& activations,
                                 const QuantizationScheme& scheme) {
  LayerQuantization result;
  result.weight_format = weight_format(scheme.operands);
  result.weight_steps = weight_steps(layer, parameters.weight, result.weight_format, scheme);
  result.activation_format = activation_format(scheme.operands, activations.smallest);
  result.activation_step =
      round_step(step_for_maximum(activations.largest_magnitude, result.activation_format),
                 scheme.step_rounding);
  return result;
}

LayerQuantization quantize_layer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                                 const MagnitudeHistogram& activations,
                                 const QuantizationScheme& scheme) {
  const OperandFormat format = activation_format(scheme.operands, activations.smallest());
  const float range = choose_range(activations, largest_code(format), scheme);
  return quantize_layer(layer, parameters, ActivationRange{activations.smallest(), range}, scheme);
}

Calibration calibrate(const Network& network, const std::vector<LayerParameters>& parameters,
                      const QuantizationScheme& scheme, std::size_t count,
                      const ImageSource& image) {
  const auto histograms = measure_activations(network, parameters, count, image);
  Calibration calibration{count, scheme, {}};
  for (std::size_t i = 0; i < histograms.size(); ++i) {
    calibration.layers.push_back(
        quantize_layer(network.layers()[i], parameters[i], histograms[i], scheme));
  }
  return calibration;
}

}  // namespace mbm
