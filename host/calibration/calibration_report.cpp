#include "host/calibration/calibration_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "host/inference/quantized_layer.hpp"

namespace mbm {
namespace {

// Which of the codes -255..255 occur.
class SeenCodes {
 public:
  void add(std::span<const std::int16_t> codes) {
    for (const std::int16_t code : codes) seen_[static_cast<std::size_t>(code + kLargest)] = 1;
  }
  int count() const { return static_cast<int>(std::count(seen_.begin(), seen_.end(), 1)); }

 private:
  static constexpr int kLargest = 255;
  std::vector<std::uint8_t> seen_ = std::vector<std::uint8_t>(2 * kLargest + 1, 0);
};

LayerUsage weight_usage(const QuantizedLayer& layer, const LayerQuantization& quantization) {
  LayerUsage usage;
  usage.layer = layer.layer().name;
  const QuantizedWeights& weights = layer.weights();
  SeenCodes seen;
  seen.add(weights.codes);
  usage.weights = {weights.format, static_cast<std::int64_t>(weights.codes.size()),
                   weights.saturated, seen.count()};
  const auto [smallest, largest] = std::minmax_element(weights.steps.begin(), weights.steps.end());
  usage.smallest_weight_step = *smallest;
  usage.largest_weight_step = *largest;
  usage.activations.format = quantization.activation_format;
  usage.activation_step = quantization.activation_step;
  return usage;
}

nlohmann::json code_json(const CodeUsage& usage) {
  return {{"format", operand_format_name(usage.format)},
          {"clipped_share", usage.clipped_share()},
          {"used_levels", usage.used_levels},
          {"levels", usage.levels()}};
}

}  // namespace

std::vector<LayerUsage> measure_usage(const Network& network,
                                      const std::vector<LayerParameters>& parameters,
                                      const Calibration& calibration, std::size_t count,
                                      const ImageSource& image) {
  std::vector<QuantizedLayer> layers;
  std::vector<LayerUsage> usage;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    layers.emplace_back(network.layers()[i], parameters[i], calibration.layers[i]);
    usage.push_back(weight_usage(layers.back(), calibration.layers[i]));
  }
  std::vector<SeenCodes> seen(layers.size());
  for (std::size_t i = 0; i < count; ++i) {
    network.forward(image(i), [&](std::size_t index, const at::Tensor& input) {
      const QuantizedTensor activations = layers[index].quantize_activations(input);
      usage[index].activations.values += static_cast<std::int64_t>(activations.codes.size());
      usage[index].activations.clipped += activations.saturated;
      seen[index].add(activations.codes);
      return convolve_float(network.layers()[index], parameters[index], input);
    });
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    usage[i].activations.used_levels = seen[i].count();
  }
  return usage;
}

std::string usage_table(const std::vector<LayerUsage>& layers) {
  std::string text = fmt::format("{:<14} {:>10} {:>10} {:>9} {:>10} | {:>11} {:>9} {:>10}  {}\n",
                                 "layer", "weight", "step to", "levels", "clipped", "activation",
                                 "levels", "clipped", "format");
  for (const LayerUsage& layer : layers) {
    text += fmt::format(
        "{:<14} {:>10.3e} {:>10.3e} {:>5}/{} {:>8.4f} % | {:>11.3e} {:>5}/{} {:>8.4f} %  {}\n",
        layer.layer, layer.smallest_weight_step, layer.largest_weight_step,
        layer.weights.used_levels, layer.weights.levels(), 100.0 * layer.weights.clipped_share(),
        layer.activation_step, layer.activations.used_levels, layer.activations.levels(),
        100.0 * layer.activations.clipped_share(), operand_format_name(layer.activations.format));
  }
  return text;
}

nlohmann::json usage_json(const std::vector<LayerUsage>& layers) {
  nlohmann::json list = nlohmann::json::array();
  for (const LayerUsage& layer : layers) {
    list.push_back({{"name", layer.layer},
                    {"weights", code_json(layer.weights)},
                    {"smallest_weight_step", layer.smallest_weight_step},
                    {"largest_weight_step", layer.largest_weight_step},
                    {"activations", code_json(layer.activations)},
                    {"activation_step", layer.activation_step}});
  }
  return list;
}

}  // namespace mbm
