// A comparison as text, JSON and CSV.
#include <fmt/format.h>

#include <algorithm>

#include "cmodel/common/version.hpp"
#include "host/cost/cost_comparison.hpp"

namespace mbm {
namespace {

using nlohmann::json;

std::string optional_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

json optional_json(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

}  // namespace

std::string comparison_text(const CostComparison& comparison) {
  const AccuracyStudy& study = comparison.accuracy.front();
  std::string text;
  for (const AccuracyStudy& accuracy : comparison.accuracy) {
    text += fmt::format("accuracy: {}, {}, layers {}, {} operands, {} ranges, images {}:{}\n",
                        accuracy.file, accuracy.network, accuracy.layers, accuracy.operands,
                        accuracy.activation_range, accuracy.first_image, accuracy.last_image);
  }
  for (const CostStudy& cost : comparison.costs) {
    text += fmt::format("cost: {}, library {}, {} ranges, {}\n", cost.file, cost.library,
                        cost.activation_range, cost.tools);
  }
  text += fmt::format(
      "\nloss: largest change for the worse of a1, a2, a3, rel, rms, log10 of {} against float, of "
      "the\ncorrection that loses least; pJ: of a product, mean over the layers by their products, "
      "with glitches;\nover exact: over the smallest and the most frugal exact design that may be "
      "as accurate: at most {} points\nand two standard errors worse; *: Pareto set of loss, area "
      "and energy; <: smaller and more frugal than every\nexact one that may be as accurate\n\n",
      study.network, comparison.tolerance);
  text +=
      fmt::format("{:<30} {:<26} {:>4} {:<7} {:>8} {:>7} {:<6} {:>10} {:>8} {:>8} {:>8} {:>8}\n",
                  "design", "products of", "bits", "range", "loss %", "+-", "of", "area um2", "ns",
                  "pJ", "area", "energy");
  text += fmt::format("{:>124} {:>8}\n", "over exact", "");
  for (const ComparisonRow& row : comparison.rows) {
    const bool known = row.accuracy.has_value();
    text += fmt::format(
        "{:<30} {:<26} {:>4} {:<7} {:>8} {:>7} {:<6} {:>10.0f} {:>8.2f} {:>8.2f} {:>8} {:>8} "
        "{}{}\n",
        row.design.name, known ? row.accuracy->name : row.design.multiplier,
        row.design.operand_bits, row.design.activation_range,
        known ? fmt::format("{:.3f}", row.accuracy->loss) : "-",
        known ? fmt::format("{:.3f}", row.accuracy->standard_error) : "-",
        known ? row.accuracy->metric : "-", row.design.area_um2, row.design.period_ns,
        row.design.mean_energy_fj * 1e-3, optional_text(row.area_ratio),
        optional_text(row.energy_ratio), row.pareto ? "*" : "", row.beats_exact() ? "<" : "");
  }
  return text;
}

json comparison_json(const CostComparison& comparison) {
  json result = {{"schema", "mbm.cost-comparison"},
                 {"schema_version", 1},
                 {"tool_version", MBM_VERSION},
                 {"numerics_version", kNumericsVersion},
                 {"tolerance", comparison.tolerance},
                 {"units",
                  {{"loss", "%, largest change of a metric for the worse, against float"},
                   {"standard_error", "%, of that change"},
                   {"tolerance", "points of loss that count as equal"},
                   {"area", "um2"},
                   {"operand_bits", "bits of magnitude"},
                   {"period", "ns"},
                   {"energy", "fJ, of a product, with glitches, mean over layers by products"},
                   {"energy_of_layers", "fJ, of a product, with glitches"},
                   {"area_over_exact", "ratio"},
                   {"energy_over_exact", "ratio"}}}};
  for (const AccuracyStudy& study : comparison.accuracy) {
    result["sources"]["accuracy"].push_back(
        {{"file", study.file},
         {"network", study.network},
         {"layers", study.layers},
         {"operands", study.operands},
         {"activation_range", study.activation_range},
         {"images_range", {study.first_image, study.last_image}}});
  }
  for (const CostStudy& study : comparison.costs) {
    result["sources"]["cost"].push_back({{"file", study.file},
                                         {"library", study.library},
                                         {"activation_range", study.activation_range},
                                         {"tools", study.tools}});
  }
  for (const ComparisonRow& row : comparison.rows) {
    json entry = {{"design", row.design.name},
                  {"multiplier", row.design.multiplier},
                  {"operand_bits", row.design.operand_bits},
                  {"activation_range", row.design.activation_range},
                  {"area", row.design.area_um2},
                  {"period", row.design.period_ns},
                  {"energy", row.design.mean_energy_fj},
                  {"energy_of_layers", row.design.energy_fj},
                  {"exact", row.exact},
                  {"pareto", row.pareto},
                  {"area_over_exact", optional_json(row.area_ratio)},
                  {"energy_over_exact", optional_json(row.energy_ratio)},
                  {"beats_exact", row.beats_exact()}};
    if (row.accuracy) {
      entry["accuracy"] = {{"products_of", row.accuracy->name},
                           {"loss", row.accuracy->loss},
                           {"standard_error", row.accuracy->standard_error},
                           {"metric", row.accuracy->metric}};
    }
    result["designs"].push_back(std::move(entry));
  }
  return result;
}

std::string comparison_csv(const CostComparison& comparison) {
  std::string text =
      "design,products of,operand bits,range,loss %,loss standard error %,metric,area um2,period "
      "ns,energy fJ";
  for (const auto& [layer, energy] : comparison.rows.front().design.energy_fj) {
    text += fmt::format(",energy {} fJ", layer);
  }
  text += ",area over exact,energy over exact,pareto,beats exact\n";
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.4f}", *value) : std::string();
  };
  for (const ComparisonRow& row : comparison.rows) {
    text += fmt::format("{},{},{},{}", row.design.name,
                        row.accuracy ? row.accuracy->name : row.design.multiplier,
                        row.design.operand_bits, row.design.activation_range);
    text += row.accuracy ? fmt::format(",{:.4f},{:.4f},{}", row.accuracy->loss,
                                       row.accuracy->standard_error, row.accuracy->metric)
                         : ",,,";
    text += fmt::format(",{:.2f},{:.4f},{:.2f}", row.design.area_um2, row.design.period_ns,
                        row.design.mean_energy_fj);
    for (const auto& [layer, energy] : row.design.energy_fj) text += fmt::format(",{:.2f}", energy);
    text += fmt::format(",{},{},{},{}\n", number(row.area_ratio), number(row.energy_ratio),
                        row.pareto ? "yes" : "no", row.beats_exact() ? "yes" : "no");
  }
  return text;
}

}  // namespace mbm
