#include "host/result/decomposition_result.hpp"

#include <fmt/format.h>

#include "cmodel/common/version.hpp"
#include "host/result/table_rows.hpp"

namespace mbm {
namespace {

std::string stage_name(const DecompositionResult& result, std::size_t stage) {
  const auto which = static_cast<ErrorStage>(stage);
  if (which == ErrorStage::multiplier) return "+ " + result.multiplier;
  if (which == ErrorStage::exact_float) return "float";
  return fmt::format("+ {}{}", std::string(kErrorStageNames[stage]),
                     which == ErrorStage::clipping ? " (control)" : "");
}

std::size_t stages(const DecompositionResult& result) {
  return result.corrected ? kErrorStages : kErrorStages - 1;
}

std::string network_rows(const DecompositionResult& result) {
  std::string text = metrics_header("");
  for (std::size_t s = 0; s < stages(result); ++s) {
    text += metrics_row(stage_name(result, s), summarize(result.metrics[s]).mean);
  }
  text += "\nwhat each stage adds, in percent of float, and its standard error over the images\n";
  const DepthMetrics baseline = summarize(result.metrics[0]).mean;
  for (std::size_t s = 1; s < stages(result); ++s) {
    Deviation added = deviation(result.metrics[s], result.metrics[s - 1]);
    const DepthMetrics before = summarize(result.metrics[s - 1]).mean;
    for (std::size_t m = 0; m < baseline.size(); ++m) {  // of float, so that the rows add up
      added.percent[m] *= before[m] / baseline[m];
      added.standard_error[m] *= before[m] / baseline[m];
    }
    text += deviation_rows(stage_name(result, s), added);
  }
  text += deviation_rows("sum", deviation(result.metrics[stages(result) - 1], result.metrics[0]));
  return text;
}

std::string layer_rows(const DecompositionResult& result) {
  std::string text = fmt::format(
      "\nnoise to signal of each layer's output in dB: alone, on the float network's activations, "
      "by\n"
      "what adds it; then the whole{}; then with all chosen layers quantised\n\n"
      "{:<14} {:>8} {:>8} {:>8} {:>8} | {:>8} {:>8} | {:>8} {:>8}\n",
      result.corrected ? " (with correction)" : "", "layer", "weights", "activat.", "clipping",
      "multipl.", "control", "approx.", "control", "approx.");
  const std::size_t last = stages(result) - 1;
  const auto control = static_cast<std::size_t>(ErrorStage::clipping);
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const ErrorPowers& alone = result.layers[i].alone;
    const ErrorPowers& network = result.layers[i].in_network;
    text += fmt::format("{:<14}", result.layer_names[i]);
    for (std::size_t s = 1; s <= static_cast<std::size_t>(ErrorStage::multiplier); ++s) {
      text += fmt::format(" {:>8.1f}", noise_decibels(alone.added[s], alone.signal));
    }
    text += fmt::format(" | {:>8.1f} {:>8.1f} | {:>8.1f} {:>8.1f}\n",
                        noise_decibels(alone.total[control], alone.signal),
                        noise_decibels(alone.total[last], alone.signal),
                        noise_decibels(network.total[control], network.signal),
                        noise_decibels(network.total[last], network.signal));
  }
  return text;
}

nlohmann::json powers_json(const ErrorPowers& powers) {
  nlohmann::json object;
  for (std::size_t s = 1; s < kErrorStages; ++s) {
    const std::string name(kErrorStageNames[s]);
    object["added"][name] = powers.added[s] / powers.signal;
    object["total"][name] = powers.total[s] / powers.signal;
  }
  return object;
}

}  // namespace

void DecompositionResult::add(const ImageDecomposition& image) {
  for (std::size_t s = 0; s < kErrorStages; ++s) metrics[s].push_back(image.metrics[s]);
  if (layers.empty()) {
    layers = image.layers;
    return;
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].alone += image.layers[i].alone;
    layers[i].in_network += image.layers[i].in_network;
  }
}

std::string decomposition_table(const DecompositionResult& result) {
  return fmt::format("{}: {} convolutions quantised, {} images\n\n", result.network,
                     result.layers.size(), result.metrics[0].size()) +
         network_rows(result) + layer_rows(result);
}

nlohmann::json decomposition_json(const DecompositionResult& result) {
  nlohmann::json object = result.configuration;
  object["schema"] = "mbm.decomposition";
  object["schema_version"] = 1;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["units"] = {{"added", "noise power over signal power"},
                     {"total", "noise power over signal power"},
                     {"rms", "m"}};
  object["images"] = result.metrics[0].size();
  for (std::size_t s = 0; s < kErrorStages; ++s) {
    const MetricsSummary summary = summarize(result.metrics[s]);
    object["stages"].push_back({{"stage", kErrorStageNames[s]},
                                {"metrics", kDepthMetricNames},
                                {"mean", summary.mean},
                                {"standard_error", summary.standard_error}});
  }
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    object["layers"].push_back({{"name", result.layer_names[i]},
                                {"alone", powers_json(result.layers[i].alone)},
                                {"in_network", powers_json(result.layers[i].in_network)}});
  }
  return object;
}

}  // namespace mbm
