#include "host/multiplier/multiplier_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmodel/common/version.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/multiplier/rtl_modules.hpp"

namespace mbm {
namespace {

std::string rtl_of(const std::string& name) {
  return rtl_instance_of(name) ? "yes" : "no";
}

}  // namespace

std::vector<ListedMultiplier> listed_multipliers() {
  std::vector<ListedMultiplier> list;
  const OperandDistributions uniform = uniform_operands(ProductTable::kOperandBits);
  const OperandDistributions network = network_operands(ProductTable::kOperandBits);
  for (const MultiplierFamily& family : multiplier_families()) {
    for (const std::string& member : family.members) {
      const ProductTable table = make_product_table(member);
      list.push_back(
          {&family, member, error_statistics(table, uniform), error_statistics(table, network)});
    }
  }
  return list;
}

std::string list_text(const std::vector<ListedMultiplier>& list) {
  std::string text;
  const MultiplierFamily* family = nullptr;
  for (const ListedMultiplier& entry : list) {
    if (entry.family != family) {
      family = entry.family;
      text += fmt::format("{}{}: {}\n  {}; {} bits\n", text.empty() ? "" : "\n", family->name,
                          family->description, family->source, fmt::join(family->widths, " or "));
      text += fmt::format("  parameters: {}\n", family->syntax);
      text += fmt::format("  {:<22} {:>8} {:>10} {:>12} {:>4}\n", "multiplier", "MRED %",
                          "NSRdnn dB", "NSRdnn,g dB", "RTL");
    }
    text += fmt::format("  {:<22} {:>8.3f} {:>10.1f} {:>12.1f} {:>4}\n", entry.name,
                        100 * entry.uniform.mean_relative_error,
                        decibels(entry.network.noise_to_signal),
                        decibels(entry.network.noise_to_signal_scaled), rtl_of(entry.name));
  }
  return text;
}

std::string list_csv(const std::vector<ListedMultiplier>& list) {
  std::string text = "multiplier,family,MRED (%),NSRdnn (dB),NSRdnn with gain (dB),RTL\n";
  for (const ListedMultiplier& entry : list) {
    text += fmt::format("{},{},{},{},{},{}\n", entry.name, entry.family->name,
                        100 * entry.uniform.mean_relative_error,
                        decibels(entry.network.noise_to_signal),
                        decibels(entry.network.noise_to_signal_scaled), rtl_of(entry.name));
  }
  return text;
}

nlohmann::json list_json(const std::vector<ListedMultiplier>& list) {
  nlohmann::json families = nlohmann::json::array();
  for (const MultiplierFamily& family : multiplier_families()) {
    families.push_back({{"family", family.name},
                        {"parameters", family.syntax},
                        {"description", family.description},
                        {"source", family.source},
                        {"widths", family.widths}});
  }
  nlohmann::json multipliers = nlohmann::json::array();
  for (const ListedMultiplier& entry : list) {
    multipliers.push_back(
        {{"multiplier", entry.name},
         {"family", entry.family->name},
         {"mean_relative_error", 100 * entry.uniform.mean_relative_error},
         {"noise_to_signal", decibels(entry.network.noise_to_signal)},
         {"noise_to_signal_with_gain", decibels(entry.network.noise_to_signal_scaled)},
         {"rtl", rtl_instance_of(entry.name).has_value()}});
  }
  return {{"schema", "mbm.multiplier-list"},
          {"schema_version", 1},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"seed", 0},
          {"inputs", nlohmann::json::object()},
          {"units",
           {{"widths", "bits"},
            {"mean_relative_error", "%"},
            {"noise_to_signal", "dB"},
            {"noise_to_signal_with_gain", "dB"}}},
          {"families", families},
          {"multipliers", multipliers}};
}

std::string list_markdown(const std::vector<ListedMultiplier>& list) {
  std::string text =
      "| multiplier | ER % | bias % | MRED % | peak % | std RE % | NMED % | mean ED/max % | WCE | "
      "NSRu,g dB | NSRdnn dB | NSRdnn,g dB | g | RTL |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const ListedMultiplier& entry : list) {
    const ErrorStatistics& uniform = entry.uniform;
    const ErrorStatistics& network = entry.network;
    text += fmt::format(
        "| `{}` | {:.2f} | {:+.3f} | {:.3f} | {:.2f} | {:.3f} | {:.3f} | {:+.3f} | {} | {:.1f} | "
        "{:.1f} | {:.1f} | {:.3f} | {} |\n",
        entry.name, 100 * uniform.error_rate, 100 * uniform.bias, 100 * uniform.mean_relative_error,
        100 * uniform.peak_relative_error, 100 * uniform.deviation,
        100 * uniform.mean_error_distance, 100 * uniform.mean_error, uniform.worst_case_error,
        decibels(uniform.noise_to_signal_scaled), decibels(network.noise_to_signal),
        decibels(network.noise_to_signal_scaled), network.gain, rtl_of(entry.name));
  }
  return text;
}

}  // namespace mbm
