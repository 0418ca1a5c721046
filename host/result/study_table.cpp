// Tables of a study for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/result/study_result.hpp"

namespace mbm {
namespace {

std::string metrics_row(const std::string& label, const DepthMetrics& metrics) {
  std::string row = fmt::format("{:<26}", label);
  for (const double value : metrics) row += fmt::format(" {:>8.4f}", value);
  return row + "\n";
}

std::string deviation_row(const std::string& label, const DepthMetrics& deviation) {
  std::string row = fmt::format("{:<26}", label);
  for (const double value : deviation) row += fmt::format(" {:>+7.2f}%", value);
  return row + "\n";
}

std::string header(const std::string& label) {
  std::string row = fmt::format("{:<26}", label);
  for (const std::string_view name : kDepthMetricNames) {
    row += fmt::format(" {:>8}", name == "rms" ? "rms (m)" : std::string(name));
  }
  return row + "\n";
}

std::string layer_rows(const StudyResult& result, const VariantSummary& variant) {
  std::string text = fmt::format("{:<14} {:>15} {:>18} {:>12}  {:<46}  {}\n", "layer", "products",
                                 "E_w (bit ops)", "saturated", "shape", "plan and batches");
  for (std::size_t i = 0; i < variant.layers.size(); ++i) {
    const LayerSummary& layer = result.layers[variant.layers[i]];
    text += fmt::format("{:<14} {:>15} {:>18} {:>10.4f} %  {:<46}  {}\n", layer.name,
                        layer.operations.products, layer.energy_of_bits,
                        100.0 * variant.saturated_share[i], layer.problem.description(),
                        plan_list(variant.plans[i]));
  }
  return text + fmt::format("{:<14} {:>15} {:>18}\n\n", "total", variant.operations.products,
                            variant.energy_of_bits);
}

}  // namespace

std::string run_table(const StudyResult& result) {
  const VariantSummary& variant = result.variants.front();
  std::string text = layer_rows(result, variant);
  text += fmt::format("{}: {} of {} convolutions quantised, {} images; a1-a3: higher is better\n\n",
                      result.network, variant.layers.size(), result.layers.size(),
                      result.images.size());
  const std::string& multiplier = result.multiplier;
  text += header("");
  text += metrics_row("float", result.exact_float.mean);
  text += metrics_row("exact products (control)", variant.control.mean);
  text += metrics_row(multiplier, variant.approximate.mean);
  text += metrics_row("  standard error", variant.approximate.standard_error);
  text += deviation_row("control against float",
                        deviation_percent(variant.control.mean, result.exact_float.mean));
  text += deviation_row(multiplier + " against float",
                        deviation_percent(variant.approximate.mean, result.exact_float.mean));
  text += deviation_row(multiplier + " against control",
                        deviation_percent(variant.approximate.mean, variant.control.mean));
  return text;
}

std::string sweep_table(const StudyResult& result) {
  std::string text = fmt::format(
      "{}: one layer at a time with {}, {} images\n"
      "Below each layer its deviation from the same quantisation with exact products (control)\n\n",
      result.network, result.multiplier, result.images.size());
  text += header("layer") + metrics_row("float", result.exact_float.mean);
  for (const VariantSummary& variant : result.variants) {
    text += metrics_row(variant.label + ", control", variant.control.mean);
    text += metrics_row(variant.label + ", " + result.multiplier, variant.approximate.mean);
    text += deviation_row("  against control",
                          deviation_percent(variant.approximate.mean, variant.control.mean));
    text += deviation_row("  against float",
                          deviation_percent(variant.approximate.mean, result.exact_float.mean));
  }
  text += fmt::format("\n{:<14} {:>15} {:>18} {:>12}  {}\n", "layer", "products", "E_w (bit ops)",
                      "saturated", "plan and batches");
  for (const VariantSummary& variant : result.variants) {
    text += fmt::format("{:<14} {:>15} {:>18} {:>10.4f} %  {}\n", variant.label,
                        variant.operations.products, variant.energy_of_bits,
                        100.0 * variant.saturated_share.front(), plan_list(variant.plans.front()));
  }
  return text;
}

}  // namespace mbm
