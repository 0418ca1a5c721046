#include "host/evaluation/compatibility.hpp"

#include <algorithm>
#include <cmath>

#include "host/inference/tensor_span.hpp"

namespace mbm {
namespace {

constexpr std::size_t bit(StudyEffect effect) {
  return static_cast<std::size_t>(effect);
}

bool has(const EffectSet& effects, StudyEffect effect) {
  return effects.test(bit(effect));
}

// 1 / factor, or the largest power of ten that does not clip `maximum`, as the study chose.
float power_of_ten_step(int factor, float largest_step, OperandFormat format) {
  if (factor > 0) return 1.0F / static_cast<float>(factor);
  const float maximum = largest_step * static_cast<float>(largest_code(format));
  return round_step(step_for_maximum(maximum, format), StepRounding::power_of_ten);
}

// The geometry that the study computed: a 1x1 convolution of scrambled patches, or without stride.
ConvolutionProblem changed_problem(const ConvolutionProblem& problem, const EffectSet& effects) {
  ConvolutionProblem changed = problem;
  if (has(effects, StudyEffect::ignored_stride)) changed.stride = 1;
  if (!has(effects, StudyEffect::scrambled_patches)) return changed;
  const ConvolutionProblem reading = changed;
  changed.input_channels *= problem.kernel_height * problem.kernel_width;
  changed.input_height = reading.output_height();
  changed.input_width = reading.output_width();
  changed.kernel_height = changed.kernel_width = changed.stride = 1;
  changed.padding = 0;
  return changed;
}

// Shapley weight of adding a player to `size` of `players` - 1 others.
double shapley_weight(std::size_t size, std::size_t players) {
  double weight = 1.0 / static_cast<double>(players);
  for (std::size_t i = 0; i < size; ++i) {
    weight *= static_cast<double>(i + 1) / static_cast<double>(players - 1 - i);
  }
  return weight;
}

// Change in percent of the baseline that the study had, or of the right one.
double change(double value, std::size_t metric, bool leftover,
              const std::vector<DepthMetrics>& float_images) {
  double sum = 0.0;
  const auto count = static_cast<double>(float_images.size());
  const std::size_t summed =
      float_images.size() - (leftover ? float_images.size() % kStudyBatch : 0);
  for (std::size_t i = 0; i < summed; ++i) sum += float_images[i][metric];
  const double baseline = sum / count;
  return 100.0 * (value - baseline) / baseline;
}

}  // namespace

EffectSet effects_of(const ConvolutionLayer& layer, const EffectSet& enabled) {
  const ConvolutionProblem& p = layer.problem;
  const bool full = p.groups == 1;
  EffectSet effects = enabled;
  if (!full || p.kernel_height * p.kernel_width == 1) {
    effects.reset(bit(StudyEffect::scrambled_patches));
  }
  if (!full || p.stride == 1) effects.reset(bit(StudyEffect::ignored_stride));
  const PublishedLayer* published = find_published_layer(layer.name);
  if (published == nullptr || !published->divided_in_integers) {
    effects.reset(bit(StudyEffect::truncated_division));
  }
  return effects;
}

at::Tensor scrambled_patches(const at::Tensor& input, const ConvolutionProblem& problem) {
  const ConvolutionProblem& p = problem;
  const at::Tensor padded =
      at::constant_pad_nd(input, {p.padding, p.padding, p.padding, p.padding});
  const at::Tensor patches =
      padded.unfold(2, p.kernel_height, p.stride).unfold(3, p.kernel_width, p.stride);
  return patches.reshape({input.size(0), input.size(1) * p.kernel_height * p.kernel_width,
                          patches.size(2), patches.size(3)});
}

CompatibilityStudy::CompatibilityStudy(const MixedNetwork& network, const Calibration& calibration,
                                       const ProductTable& table)
    : network_(network),
      calibration_(calibration),
      table_(table),
      exact_(make_product_table("exact")) {}

LayerQuantization CompatibilityStudy::quantization(std::size_t layer,
                                                   const EffectSet& effects) const {
  LayerQuantization quantization = calibration_.layers[layer];
  if (!has(effects, StudyEffect::powers_of_ten)) return quantization;
  const PublishedLayer* published = find_published_layer(network_.network().layers()[layer].name);
  const float largest =
      *std::max_element(quantization.weight_steps.begin(), quantization.weight_steps.end());
  const OperandFormat format = OperandFormat::sign_magnitude8;
  return {format,
          {power_of_ten_step(published == nullptr ? 0 : published->weight_factor, largest,
                             quantization.weight_format)},
          format,
          power_of_ten_step(published == nullptr ? 0 : published->activation_factor,
                            quantization.activation_step, quantization.activation_format)};
}

at::Tensor CompatibilityStudy::convolve(const at::Tensor& input, std::size_t layer,
                                        const EffectSet& effects, ConvolutionEngine& engine) const {
  ConvolutionLayer description = network_.network().layers()[layer];
  LayerParameters parameters = network_.parameters()[layer];
  ConvolutionProblem reading = description.problem;
  description.problem = changed_problem(reading, effects);
  at::Tensor operands = input;
  if (has(effects, StudyEffect::scrambled_patches)) {
    if (has(effects, StudyEffect::ignored_stride)) reading.stride = 1;
    operands = scrambled_patches(input, reading);
  }
  const bool truncated = has(effects, StudyEffect::truncated_division);
  const at::Tensor bias = parameters.bias;
  if (truncated) parameters.bias = at::zeros_like(bias);
  const QuantizedLayer quantized(description, parameters, quantization(layer, effects));
  const at::Tensor output =
      quantized.convolve(quantized.quantize_activations(operands),
                         has(effects, StudyEffect::multiplier) ? table_ : exact_, engine);
  if (!truncated) return output;
  // Whole quotients must not fall below themselves by the rounding of the float scale.
  constexpr double kRounding = 1.0 + 1e-6;
  return at::trunc(output * kRounding) + bias.reshape({1, -1, 1, 1});
}

DepthMetrics CompatibilityStudy::evaluate(const DepthBatch& image, const FloatPass& float_pass,
                                          std::size_t layer, const EffectSet& effects,
                                          ConvolutionEngine& engine) const {
  const Network& network = network_.network();
  const at::Tensor prediction = network.forward(
      network_inputs(network, image), [&](std::size_t index, const at::Tensor& input) {
        if (index < layer) return float_pass.outputs[index];
        if (index == layer) return convolve(input, layer, effects, engine);
        return convolve_float(network.layers()[index], network_.parameters()[index], input);
      });
  // The study doubled whatever came out and cropped it at fixed rows and columns: without the
  // stride, the upper left quarter.
  const at::Tensor& truth = image.samples.front().depth;
  const at::Tensor depth =
      depth_from_prediction(prediction[0], 2 * prediction.size(2), 2 * prediction.size(3))
          .slice(0, 0, truth.size(0))
          .slice(1, 0, truth.size(1));
  return depth_metrics(depth, truth, image.crops.front());
}

EffectShares effect_shares(const std::string& layer, const EffectSet& effects,
                           const SubsetMetrics& means,
                           const std::vector<DepthMetrics>& float_images) {
  const auto all = static_cast<std::size_t>(effects.to_ulong());
  const std::size_t leftover = std::size_t{1} << bit(StudyEffect::leftover_images);
  EffectShares result;
  result.layer = layer;
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    const auto value = [&](std::size_t set) {
      return change(means[set & ~leftover][m], m, (set & leftover) != 0, float_images);
    };
    result.total[m] = value(all);
    result.quantization[m] = value(0);
    for (std::size_t effect = 0; effect < kStudyEffects; ++effect) {
      const std::size_t mask = std::size_t{1} << effect;
      if ((all & mask) == 0) continue;
      for (std::size_t set = 0; set <= all; ++set) {
        if ((set & ~all) != 0 || (set & mask) != 0) continue;
        const double weight = shapley_weight(EffectSet(set).count(), effects.count());
        result.shares[effect][m] += weight * (value(set | mask) - value(set));
      }
    }
  }
  return result;
}

}  // namespace mbm
