#include "host/result/study_result.hpp"

#include <utility>

namespace mbm {
namespace {

VariantSummary summarize_variant(const StudyVariant& variant, std::size_t index,
                                 const std::vector<LayerSummary>& layers,
                                 const std::vector<StudyPiece>& pieces) {
  VariantSummary summary{variant.label, variant.layers, {}, {}, {}, 0, {}, {}};
  std::vector<DepthMetrics> control;
  std::vector<DepthMetrics> approximate;
  std::vector<std::int64_t> saturated(variant.layers.size(), 0);
  summary.plans.resize(variant.layers.size());
  for (const StudyPiece& piece : pieces) {
    for (const ImageResult& image : piece.images) {
      control.push_back(image.variants[index].control);
      approximate.push_back(image.variants[index].approximate);
    }
    for (std::size_t i = 0; i < saturated.size(); ++i) {
      saturated[i] += piece.saturated[index][i];
      ++summary.plans[i][piece.plans[index][i]];
    }
  }
  summary.control = summarize(control);
  summary.approximate = summarize(approximate);
  for (std::size_t i = 0; i < variant.layers.size(); ++i) {
    const LayerSummary& layer = layers[variant.layers[i]];
    summary.operations.products += layer.operations.products;
    summary.operations.additions += layer.operations.additions;
    summary.energy_of_bits += layer.energy_of_bits;
    const auto activations =
        static_cast<double>(layer.problem.activation_count()) * static_cast<double>(control.size());
    summary.saturated_share.push_back(static_cast<double>(saturated[i]) / activations);
  }
  return summary;
}

}  // namespace

DepthMetrics deviation_percent(const DepthMetrics& value, const DepthMetrics& baseline) {
  DepthMetrics deviation{};
  for (std::size_t m = 0; m < deviation.size(); ++m) {
    deviation[m] = 100.0 * (value[m] - baseline[m]) / baseline[m];
  }
  return deviation;
}

StudyResult make_study_result(nlohmann::json configuration, const Network& network,
                              const std::vector<StudyVariant>& variants,
                              const std::vector<StudyPiece>& pieces, const std::string& multiplier,
                              const BitWidths& widths) {
  StudyResult result;
  result.configuration = std::move(configuration);
  result.network = network.name();
  result.multiplier = multiplier;
  for (const ConvolutionLayer& layer : network.layers()) {
    const OperationCounts operations = count_operations(layer.problem);
    result.layers.push_back(
        {layer.name, layer.problem, operations, energy_of_bits(operations, widths)});
  }
  std::vector<DepthMetrics> exact_float;
  for (const StudyPiece& piece : pieces) {
    for (const ImageResult& image : piece.images) {
      exact_float.push_back(image.exact_float);
      result.images.push_back(image);
    }
  }
  result.exact_float = summarize(exact_float);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    result.variants.push_back(summarize_variant(variants[v], v, result.layers, pieces));
  }
  return result;
}

}  // namespace mbm
