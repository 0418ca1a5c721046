#include "host/cost/cost_report.hpp"

#include <fmt/format.h>

#include <map>

#include "cmodel/common/version.hpp"
#include "host/cost/event_names.hpp"

namespace mbm {
namespace {

using nlohmann::json;

json breakdown_json(const EnergyBreakdown& energy) {
  return {{"total", energy.total()},
          {"switching", energy.switching},
          {"combinational", energy.combinational},
          {"sequential", energy.sequential},
          {"clock", energy.clock},
          {"leakage", energy.leakage}};
}

json activity_json(const ActivityEnergy& activity) {
  return {{"operation", breakdown_json(activity.stream)},
          {"new_weight", breakdown_json(activity.load)},
          {"idle_cycle", breakdown_json(activity.idle)},
          {"toggles", activity.toggles},
          {"operations", activity.cycles}};
}

std::map<std::string, std::pair<int, double>> cells_of(const GateNetlist& netlist) {
  std::map<std::string, std::pair<int, double>> cells;
  for (const GateInstance& instance : netlist.instances) {
    auto& [count, area] = cells[instance.cell->name];
    ++count;
    area += instance.cell->area_um2;
  }
  return cells;
}

std::string context_text(const CostContext& context) {
  return fmt::format("library {}, {}\n", context.library, context.tools);
}

std::string quoted(const std::string& text) {
  return text.find(',') == std::string::npos ? text : '"' + text + '"';
}

double seconds_of(const NetworkCostReport& report) {
  double cycles = 0;
  for (const NetworkCostLayer& layer : report.layers) {
    cycles += static_cast<double>(layer.counts.cycles);
  }
  return cycles * report.accelerator.period_ns * 1e-9;
}

ComponentEnergies sum_of_layers(const NetworkCostReport& report) {
  ComponentEnergies sum;
  for (const NetworkCostLayer& layer : report.layers) {
    if (sum.empty()) {
      sum = layer.energy;
      continue;
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i].second += layer.energy[i].second;
  }
  return sum;
}

double products_of(const NetworkCostReport& report) {
  double products = 0;
  for (const NetworkCostLayer& layer : report.layers) {
    products += static_cast<double>(layer.counts.products);
  }
  return products;
}

// Of all components, and of those on the chip.
struct NetworkTotals {
  double energy_j = 0;
  double chip_j = 0;
  double seconds = 0;
  double operations = 0;  // two a product
  double area_mm2 = 0;
};

NetworkTotals totals(const NetworkCostReport& report) {
  NetworkTotals result;
  for (const auto& [name, energy] : sum_of_layers(report)) {
    result.energy_j += energy * 1e-15;
    if (name != "DRAM") result.chip_j += energy * 1e-15;
  }
  result.seconds = seconds_of(report);
  result.operations = 2 * products_of(report);
  result.area_mm2 = report.accelerator.area_um2() * 1e-6;
  return result;
}

json events_json(const EventEnergies& events) {
  json result;
  for (const auto& [name, event] : kElementEventNames) {
    for (const auto& [part, energy] : kBreakdownNames) result[name][part] = events.*event.*energy;
  }
  for (const auto& [name, event] : kEventNames) result[name] = events.*event;
  return result;
}

}  // namespace

json cost_header(const std::string& schema, const CostContext& context) {
  json header = {{"schema", schema},
                 {"schema_version", 1},
                 {"command", context.command},
                 {"tool_version", MBM_VERSION},
                 {"numerics_version", kNumericsVersion},
                 {"seed", context.seed},
                 {"library", {{"name", context.library}, {"sha256", context.library_sha256}}},
                 {"tools", context.tools},
                 {"inputs", context.inputs}};
  if (!context.operands.empty()) header["operands"] = context.operands;
  return header;
}

// --- area

std::string area_text(const AreaReport& report) {
  const CostContext& context = report.context;
  std::string text = context_text(context);
  text += fmt::format("{}: {}\n\n", report.design, report.mappings.front().module.description());
  text += fmt::format("{:>12} {:>10} {:>12} {:>10} {:>7}  {}\n", "area um2", "NAND2",
                      "registers um2", "period ns", "cells", "recipe");
  for (const MappedModule& mapped : report.mappings) {
    text += fmt::format("{:>12.1f} {:>10.1f} {:>12.1f} {:>10.3f} {:>7}  {}\n",
                        mapped.netlist.area_um2(), mapped.netlist.area_um2() / context.nand2_um2,
                        mapped.netlist.sequential_area_um2(), mapped.period_ns,
                        mapped.netlist.instances.size(), mapped.recipe.description());
  }
  const MappedModule& first = report.mappings.front();
  text += fmt::format("\nlongest path of the first: {} -> {}\n\ncells of the first\n", first.from,
                      first.to);
  for (const auto& [name, cell] : cells_of(first.netlist)) {
    text += fmt::format("{:>7} {:<28} {:>12.1f} um2\n", cell.first, name, cell.second);
  }
  if (!report.parts.empty()) {
    text += "\nparts, mapped apart (more than in one piece)\n";
    for (const HierarchyArea& part : report.parts) {
      text += fmt::format("{:>12.1f} um2 {:>10.1f} NAND2 {:>7} cells  {} ({})\n", part.area_um2,
                          part.area_um2 / context.nand2_um2, part.cells,
                          part.path.empty() ? "whole" : part.path, part.module);
    }
  }
  return text;
}

json area_json(const AreaReport& report) {
  json result = cost_header("mbm.cost-area", report.context);
  result["units"] = {{"area", "um2"},
                     {"nand2_equivalents", "areas of the smallest two-input NAND"},
                     {"register_area", "um2"},
                     {"period", "ns, of OpenSTA"},
                     {"cells", "instances"}};
  result["design"] = report.design;
  result["module"] = report.mappings.front().module.description();
  for (const MappedModule& mapped : report.mappings) {
    json cells;
    for (const auto& [name, cell] : cells_of(mapped.netlist)) cells[name] = cell.first;
    result["mappings"].push_back(
        {{"recipe", mapped.recipe.description()},
         {"area", mapped.netlist.area_um2()},
         {"nand2_equivalents", mapped.netlist.area_um2() / report.context.nand2_um2},
         {"register_area", mapped.netlist.sequential_area_um2()},
         {"period", mapped.period_ns},
         {"longest_path", {mapped.from, mapped.to}},
         {"cells", cells}});
  }
  for (const HierarchyArea& part : report.parts) {
    result["parts"].push_back({{"path", part.path},
                               {"module", part.module},
                               {"area", part.area_um2},
                               {"cells", part.cells}});
  }
  return result;
}

std::string area_csv(const AreaReport& report) {
  std::string text = "design,module,recipe,area um2,area NAND2,registers um2,period ns,cells\n";
  for (const MappedModule& mapped : report.mappings) {
    text += fmt::format(
        "{},{},{},{:.2f},{:.2f},{:.2f},{:.4f},{}\n", quoted(report.design),
        mapped.module.description(), quoted(mapped.recipe.description()), mapped.netlist.area_um2(),
        mapped.netlist.area_um2() / report.context.nand2_um2, mapped.netlist.sequential_area_um2(),
        mapped.period_ns, mapped.netlist.instances.size());
  }
  return text;
}

// --- energy

std::string energy_text(const EnergyReport& report) {
  std::string text = context_text(report.context);
  text += "fJ for each operation; delays: with glitches, of the library; zero: without\n\n";
  text += fmt::format("{:<28} {:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
                      "design", "operands", "area um2", "zero", "delays", "switching", "gates",
                      "registers", "clock", "leakage", "new weight", "idle");
  for (const EnergyRow& row : report.rows) {
    const EnergyBreakdown& e = row.energy.timed.stream;
    text += fmt::format(
        "{:<28} {:<20} {:>9.0f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.3f} "
        "{:>9.1f} {:>9.1f}\n",
        row.design, row.operands, row.area_um2, row.energy.settled.stream.total(), e.total(),
        e.switching, e.combinational, e.sequential, e.clock, e.leakage,
        row.energy.timed.load.total(), row.energy.timed.idle.total());
  }
  return text;
}

json energy_json(const EnergyReport& report) {
  json result = cost_header("mbm.cost-energy", report.context);
  result["units"] = {{"energy", "fJ"},
                     {"area", "um2"},
                     {"period", "ns"},
                     {"clock", "ns, that leakage is counted over"},
                     {"toggles", "of all nets, for an operation"},
                     {"products", "of the layer, for an image"},
                     {"operand_bits", "bits of magnitude"},
                     {"operations", "simulated"}};
  for (const EnergyRow& row : report.rows) {
    result["designs"].push_back({{"design", row.design},
                                 {"multiplier", row.multiplier},
                                 {"operand_bits", row.operand_bits},
                                 {"operands", row.operands},
                                 {"products", row.products},
                                 {"area", row.area_um2},
                                 {"period", row.period_ns},
                                 {"clock", row.clock_ns},
                                 {"zero_delay", activity_json(row.energy.settled)},
                                 {"library_delays", activity_json(row.energy.timed)}});
  }
  return result;
}

std::string energy_csv(const EnergyReport& report) {
  std::string text =
      "design,operands,area um2,period ns,energy without glitches fJ,energy with glitches fJ,"
      "switching fJ,gates fJ,registers fJ,clock fJ,leakage fJ,new weight fJ,idle fJ,toggles\n";
  for (const EnergyRow& row : report.rows) {
    const EnergyBreakdown& e = row.energy.timed.stream;
    text += fmt::format(
        "{},{},{:.2f},{:.4f},{:.2f},{:.2f},{:.2f},{:.2f},{:.2f},{:.2f},{:.5f},{:.2f},"
        "{:.2f},{:.2f}\n",
        row.design, quoted(row.operands), row.area_um2, row.period_ns,
        row.energy.settled.stream.total(), e.total(), e.switching, e.combinational, e.sequential,
        e.clock, e.leakage, row.energy.timed.load.total(), row.energy.timed.idle.total(),
        row.energy.timed.toggles);
  }
  return text;
}

// --- components

std::string components_text(const CostContext& context, const CostedAccelerator& accelerator) {
  std::string text = context_text(context);
  text += fmt::format("{}, period {:.3f} ns, {:.3f} mm2\n\n", accelerator.parameters.description(),
                      accelerator.period_ns, accelerator.area_um2() * 1e-6);
  text += fmt::format("{:<34} {:<30} {:>6} {:>12} {:>12}  {}\n", "component", "event", "count",
                      "area um2", "energy fJ", "method; source");
  for (const ComponentEntry& entry : accelerator.components) {
    text += fmt::format("{:<34} {:<30} {:>6} {:>12.1f} {:>12.1f}  {}; {}\n", entry.component,
                        entry.event, entry.count, entry.area_um2, entry.energy_fj, entry.method,
                        entry.source);
  }
  return text;
}

json components_json(const CostContext& context, const CostedAccelerator& accelerator) {
  json result = cost_header("mbm.cost-components", context);
  result["units"] = {{"area", "um2, of one"},
                     {"energy", "fJ, of an event"},
                     {"count", "in the accelerator"},
                     {"period", "ns"},
                     {"total_area", "um2"}};
  result["accelerator"] = accelerator.parameters.description();
  result["element"] = accelerator.element.name;
  for (const auto& [name, value] : kGridNames) {
    result["grid"][name] = accelerator.parameters.*value;
  }
  result["process"] = {{"feature", accelerator.process.feature_nm},
                       {"voltage", accelerator.process.voltage}};
  result["events"] = events_json(accelerator.events);
  result["period"] = accelerator.period_ns;
  result["total_area"] = accelerator.area_um2();
  for (const ComponentEntry& entry : accelerator.components) {
    result["components"].push_back({{"component", entry.component},
                                    {"event", entry.event},
                                    {"count", entry.count},
                                    {"area", entry.area_um2},
                                    {"energy", entry.energy_fj},
                                    {"method", entry.method},
                                    {"source", entry.source}});
  }
  return result;
}

std::string components_csv(const CostedAccelerator& accelerator) {
  std::string text = "component,event,count,area um2,energy fJ,method,source\n";
  for (const ComponentEntry& entry : accelerator.components) {
    text += fmt::format("{},{},{},{:.2f},{:.2f},{},{}\n", quoted(entry.component),
                        quoted(entry.event), entry.count, entry.area_um2, entry.energy_fj,
                        quoted(entry.method), quoted(entry.source));
  }
  return text;
}

// --- network

std::string network_cost_text(const NetworkCostReport& report) {
  const CostedAccelerator& accelerator = report.accelerator;
  const NetworkTotals total = totals(report);
  std::string text = context_text(report.context);
  text += fmt::format("{} with {}: {}, {:.3f} ns, {:.3f} mm2\n\n", report.network,
                      accelerator.element.name, accelerator.parameters.description(),
                      accelerator.period_ns, total.area_mm2);
  text += fmt::format("{:<18} {:>13} {:>12} {:>7} {:>10} {:>11} {:>11} {:>12} {:>14}\n", "layer",
                      "products", "cycles", "util %", "ms", "elements uJ", "chip uJ",
                      "with DRAM uJ", "E_w bit ops");
  for (const NetworkCostLayer& layer : report.layers) {
    double elements = 0;
    double chip = 0;
    for (const auto& [name, energy] : layer.energy) {
      if (name.starts_with("elements")) elements += energy;
      if (name != "DRAM") chip += energy;
    }
    text += fmt::format(
        "{:<18} {:>13} {:>12} {:>7.2f} {:>10.4f} {:>11.4f} {:>11.4f} {:>12.4f} {:>14}\n",
        layer.name, layer.counts.products, layer.counts.cycles,
        100 * layer.counts.utilisation(accelerator.parameters),
        static_cast<double>(layer.counts.cycles) * accelerator.period_ns * 1e-6, elements * 1e-9,
        chip * 1e-9, total_fj(layer.energy) * 1e-9, layer.bit_energy);
  }
  text += "\n";
  for (const auto& [name, energy] : sum_of_layers(report)) {
    text += fmt::format("{:<24} {:>12.4f} uJ {:>7.2f} %\n", name, energy * 1e-9,
                        100 * energy * 1e-15 / total.energy_j);
  }
  text += fmt::format(
      "\nimage                    {:>12.4f} uJ, {:.4f} uJ without DRAM, {:.4f} ms\n"
      "inferences per joule     {:>12.4f}, {:.4f} without DRAM\n"
      "TOPS/W                   {:>12.5f}, {:.5f} without DRAM (two operations a product)\n"
      "TOPS/mm2                 {:>12.6f}\n",
      total.energy_j * 1e6, total.chip_j * 1e6, total.seconds * 1e3, 1 / total.energy_j,
      1 / total.chip_j, total.operations / total.energy_j * 1e-12,
      total.operations / total.chip_j * 1e-12,
      total.operations / total.seconds / total.area_mm2 * 1e-12);
  return text;
}

json network_cost_json(const NetworkCostReport& report) {
  json result = cost_header("mbm.cost-network", report.context);
  const NetworkTotals total = totals(report);
  result["units"] = {{"energy", "fJ, by component"},
                     {"cycles", "clock cycles"},
                     {"products", "operations"},
                     {"bit_energy", "E_w = N_mul 8^2 + N_add 32, bit operations"},
                     {"energy_per_image", "J"},
                     {"time_per_image", "s"},
                     {"period", "ns"},
                     {"area", "mm2"},
                     {"tops_per_watt", "10^12 operations / J, two a product"},
                     {"tops_per_mm2", "10^12 operations / s / mm2"},
                     {"inferences_per_joule", "1 / J"}};
  result["network"] = report.network;
  result["element"] = report.accelerator.element.name;
  result["accelerator"] = report.accelerator.parameters.description();
  result["period"] = report.accelerator.period_ns;
  for (const NetworkCostLayer& layer : report.layers) {
    json energy;
    for (const auto& [name, value] : layer.energy) energy[name] = value;
    result["layers"].push_back({{"layer", layer.name},
                                {"products", layer.counts.products},
                                {"cycles", layer.counts.cycles},
                                {"energy", energy},
                                {"bit_energy", layer.bit_energy}});
  }
  const auto summary = [&](double joule) {
    return json{{"energy_per_image", joule},
                {"inferences_per_joule", 1 / joule},
                {"tops_per_watt", total.operations / joule * 1e-12}};
  };
  result["total"] = summary(total.energy_j);
  result["without_dram"] = summary(total.chip_j);
  result["time_per_image"] = total.seconds;
  result["area"] = total.area_mm2;
  result["tops_per_mm2"] = total.operations / total.seconds / total.area_mm2 * 1e-12;
  return result;
}

std::string network_cost_csv(const NetworkCostReport& report) {
  std::string text = "layer,products,Total Cycles,Overall Util %,time ms";
  for (const auto& [name, energy] : report.layers.front().energy)
    text += fmt::format(",{} fJ", name);
  text += ",total fJ,E_w bit operations\n";
  for (const NetworkCostLayer& layer : report.layers) {
    text += fmt::format(
        "{},{},{},{:.3f},{:.6f}", layer.name, layer.counts.products, layer.counts.cycles,
        100 * layer.counts.utilisation(report.accelerator.parameters),
        static_cast<double>(layer.counts.cycles) * report.accelerator.period_ns * 1e-6);
    for (const auto& [name, energy] : layer.energy) text += fmt::format(",{:.1f}", energy);
    text += fmt::format(",{:.1f},{}\n", total_fj(layer.energy), layer.bit_energy);
  }
  return text;
}

}  // namespace mbm
