// Tables of a study for a terminal.
#include <fmt/format.h>

#include <algorithm>

#include "host/result/study_result.hpp"
#include "host/result/table_rows.hpp"

namespace mbm {
namespace {

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
  text += metrics_header("");
  text += metrics_row("float", result.exact_float.mean);
  text += metrics_row("  standard error", result.exact_float.standard_error);
  text += metrics_row("exact products (control)", variant.control.mean);
  for (std::size_t c = 0; c < result.columns.size(); ++c) {
    text += metrics_row(result.columns[c], variant.columns[c].metrics.mean);
  }
  text += "\nchange against float, and its standard error over the images\n";
  text += deviation_rows("control", variant.control_from_float);
  for (std::size_t c = 0; c < result.columns.size(); ++c) {
    text += deviation_rows(result.columns[c], variant.columns[c].from_float);
  }
  text += "\nchange against the control\n";
  for (std::size_t c = 0; c < result.columns.size(); ++c) {
    text += deviation_rows(result.columns[c], variant.columns[c].from_control);
  }
  return text;
}

std::string sweep_table(const StudyResult& result) {
  std::string text = fmt::format(
      "{}: one layer at a time, {} images\n"
      "Below each multiplier its change against the same quantisation with exact products "
      "(control)\n"
      "and against float, each with its standard error over the images\n\n",
      result.network, result.images.size());
  text += metrics_header("layer") + metrics_row("float", result.exact_float.mean);
  for (const VariantSummary& variant : result.variants) {
    text += metrics_row(variant.label + ", control", variant.control.mean);
    for (std::size_t c = 0; c < result.columns.size(); ++c) {
      text +=
          metrics_row(variant.label + ", " + result.columns[c], variant.columns[c].metrics.mean);
      text += deviation_rows("  against control", variant.columns[c].from_control);
      text += deviation_rows("  against float", variant.columns[c].from_float);
    }
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
