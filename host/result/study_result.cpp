#include "host/result/study_result.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mbm {
namespace {

// The metrics of the images of one variant, by what computed them.
struct VariantImages {
  std::vector<DepthMetrics> exact_float;
  std::vector<DepthMetrics> control;
  std::vector<std::vector<DepthMetrics>> columns;
};

VariantImages collect(const std::vector<ImageResult>& images, std::size_t variant,
                      std::size_t columns) {
  VariantImages collected;
  collected.columns.resize(columns);
  for (const ImageResult& image : images) {
    collected.exact_float.push_back(image.exact_float);
    collected.control.push_back(image.variants[variant].control);
    for (std::size_t c = 0; c < columns; ++c) {
      collected.columns[c].push_back(image.variants[variant].columns[c]);
    }
  }
  return collected;
}

// Per layer of a variant: how the engine computed it, and how often.
using PlanCounts = std::vector<std::map<std::string, std::int64_t>>;

VariantSummary summarize_variant(const StudyVariant& variant, const VariantImages& images,
                                 const std::vector<LayerSummary>& layers,
                                 const std::vector<std::int64_t>& saturated, PlanCounts plans) {
  VariantSummary summary;
  summary.plans = std::move(plans);
  summary.label = variant.label;
  summary.layers = variant.layers;
  summary.control = summarize(images.control);
  summary.control_from_float = deviation(images.control, images.exact_float);
  for (const std::vector<DepthMetrics>& column : images.columns) {
    summary.columns.push_back({summarize(column), deviation(column, images.exact_float),
                               deviation(column, images.control)});
  }
  for (std::size_t i = 0; i < variant.layers.size(); ++i) {
    const LayerSummary& layer = layers[variant.layers[i]];
    summary.operations.products += layer.operations.products;
    summary.operations.additions += layer.operations.additions;
    summary.energy_of_bits += layer.energy_of_bits;
    const auto activations = static_cast<double>(layer.problem.activation_count()) *
                             static_cast<double>(images.control.size());
    summary.saturated_share.push_back(static_cast<double>(saturated[i]) / activations);
  }
  return summary;
}

}  // namespace

Deviation deviation(const std::vector<DepthMetrics>& values,
                    const std::vector<DepthMetrics>& baselines) {
  std::vector<DepthMetrics> differences;
  for (std::size_t i = 0; i < values.size(); ++i) {
    DepthMetrics difference{};
    for (std::size_t m = 0; m < difference.size(); ++m) {
      difference[m] = values[i][m] - baselines[i][m];
    }
    differences.push_back(difference);
  }
  const MetricsSummary change = summarize(differences);
  const MetricsSummary baseline = summarize(baselines);
  Deviation result;
  for (std::size_t m = 0; m < result.percent.size(); ++m) {
    result.percent[m] = 100.0 * change.mean[m] / baseline.mean[m];
    result.standard_error[m] = 100.0 * change.standard_error[m] / baseline.mean[m];
  }
  return result;
}

std::vector<LayerSummary> summarize_layers(const Network& network, const BitWidths& widths) {
  std::vector<LayerSummary> layers;
  for (const ConvolutionLayer& layer : network.layers()) {
    const OperationCounts operations = count_operations(layer.problem);
    layers.push_back({layer.name, layer.problem, operations, energy_of_bits(operations, widths)});
  }
  return layers;
}

StudyResult make_study_result(nlohmann::json configuration, const Network& network,
                              const std::vector<StudyVariant>& variants,
                              std::vector<StudyPiece> pieces,
                              const std::vector<std::string>& columns, const BitWidths& widths) {
  std::sort(pieces.begin(), pieces.end(), [](const StudyPiece& a, const StudyPiece& b) {
    return std::tie(a.first, a.variant) < std::tie(b.first, b.variant);
  });
  StudyResult result;
  result.configuration = std::move(configuration);
  result.network = network.name();
  result.columns = columns;
  result.layers = summarize_layers(network, widths);
  std::vector<std::vector<std::int64_t>> saturated;
  std::vector<PlanCounts> plans;
  for (const StudyVariant& variant : variants) {
    saturated.emplace_back(variant.layers.size(), 0);
    plans.emplace_back(variant.layers.size());
  }
  for (const StudyPiece& piece : pieces) {
    if (piece.variant == 0) {
      for (std::size_t i = 0; i < piece.images.size(); ++i) {
        result.images.push_back({piece.images[i], piece.exact_float[i], {}});
      }
    }
    const std::size_t begin = result.images.size() - piece.images.size();
    for (std::size_t i = 0; i < piece.images.size(); ++i) {
      result.images[begin + i].variants.push_back(piece.metrics[i]);
    }
    for (std::size_t i = 0; i < piece.saturated.size(); ++i) {
      saturated[piece.variant][i] += piece.saturated[i];
    }
    for (std::size_t i = 0; i < piece.plans.size(); ++i) {
      ++plans[piece.variant][i][piece.plans[i]];
    }
  }
  std::vector<DepthMetrics> exact_float;
  for (const ImageResult& image : result.images) exact_float.push_back(image.exact_float);
  result.exact_float = summarize(exact_float);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    result.variants.push_back(summarize_variant(variants[v],
                                                collect(result.images, v, columns.size()),
                                                result.layers, saturated[v], std::move(plans[v])));
  }
  return result;
}

}  // namespace mbm
