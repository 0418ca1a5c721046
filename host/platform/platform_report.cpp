#include "host/platform/platform_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"

namespace mbm {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::ptrdiff_t verilog_arrays(const PlatformResult& result) {
  return std::ranges::count(result.options.cells, CellKind::rtl);
}

double row_hits(const DramStatistics& dram) {
  return percent(dram.row_hits, dram.row_hits + dram.row_misses + dram.row_conflicts);
}

std::string csv_line(const std::vector<std::string>& cells) {
  return fmt::format("{}\n", fmt::join(cells, ","));
}

constexpr const char* kEnergyColumn = "Energy per Image (pJ)";

// Empty if nothing was costed.
std::string picojoules(double fj) {
  return fj > 0 ? fmt::format("{:.0f}", 1e-3 * fj) : std::string();
}

double dram_fj(const ComponentEnergies& energies) {
  double energy = 0;
  for (const auto& [name, fj] : energies) energy += name == "DRAM" ? fj : 0;
  return energy;
}

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

nlohmann::json number_json(const std::string& cell) {
  if (cell.empty()) return nullptr;
  const double value = number(cell);
  if (cell.find('.') != std::string::npos) return value;
  return static_cast<std::int64_t>(value);
}

// The cells of a row by the names of their columns; null where there is none.
nlohmann::json columns_json(const std::vector<std::string>& cells) {
  nlohmann::json object;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    object[platform_columns()[i]] = number_json(cells[i]);
  }
  return object;
}

}  // namespace

const std::vector<std::string>& platform_columns() {
  static const std::vector<std::string> columns = [] {
    std::vector<std::string> result{
        "Arrays",          "Array Rows",        "Array Columns",      "On-chip Memory (bit)",
        "Total Cycles",    "Cycles per Image",  "Products per Image", "Products per Cycle",
        "Overall Util %",  "Products per Byte", "Read Bytes",         "Written Bytes",
        "Bytes per Cycle", "Row Hit %",         "Memory Busy %",      "Interconnect Wait Cycles"};
    for (const std::string& cause : cause_names()) result.push_back(cause + " (cycles)");
    result.emplace_back(kEnergyColumn);
    result.emplace_back("DRAM Energy per Image (pJ)");
    return result;
  }();
  return columns;
}

std::vector<std::string> platform_row(const PlatformResult& result) {
  const AcceleratorParameters& a = result.options.accelerator;
  const DramStatistics& dram = result.statistics.dram;
  const auto bytes = static_cast<double>(dram.read_bytes + dram.written_bytes);
  std::vector<std::string> row{
      fmt::format("{}", result.arrays),
      fmt::format("{}", a.rows),
      fmt::format("{}", a.columns),
      fmt::format("{}", on_chip_bits(a) * result.arrays),
      fmt::format("{}", result.run_cycles),
      fmt::format("{:.0f}", result.cycles_per_image()),
      fmt::format("{}", result.products),
      fmt::format("{:.3f}", result.products_per_cycle()),
      fmt::format("{:.3f}", 100.0 * result.utilisation()),
      fmt::format("{:.3f}", result.intensity()),
      fmt::format("{}", dram.read_bytes),
      fmt::format("{}", dram.written_bytes),
      fmt::format("{:.3f}", bytes / static_cast<double>(result.run_cycles)),
      fmt::format("{:.2f}", row_hits(dram)),
      fmt::format("{:.2f}", percent(dram.data_cycles, result.run_cycles)),
      fmt::format("{}", result.statistics.waited_cycles)};
  for (const std::uint64_t cycles : causes_of(result.counters)) {
    row.push_back(fmt::format("{}", cycles));
  }
  row.push_back(picojoules(total_fj(result.energy)));
  row.push_back(picojoules(dram_fj(result.energy)));
  return row;
}

std::string platform_text(const PlatformResult& result, const std::string& network) {
  const auto cells = platform_row(result);
  std::string text = fmt::format("{:<26}{}\n{:<26}{}\n{:<26}{}\n{:<26}{}\n", "network", network,
                                 "array", result.options.accelerator.description(),
                                 "arrays in Verilog", verilog_arrays(result), "results",
                                 result.has_data ? "those of the CPU engine" : "not computed");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty()) text += fmt::format("{:<26}{}\n", platform_columns()[i], cells[i]);
  }
  if (!result.energy.empty()) text += fmt::format("\nenergy of an image, {}\n", result.costed);
  for (const auto& [name, fj] : result.energy) {
    text += fmt::format("{:<26}{:.4f} uJ, {:.2f} %\n", name, 1e-9 * fj,
                        100 * fj / total_fj(result.energy));
  }
  if (result.layers.empty()) return text;
  text += fmt::format("\n{:<34}{:>14}{:>8}{:>10}", "layer", "cycles", "util %", "prod/B");
  if (!result.energy.empty()) text += fmt::format("{:>14}", "uJ");
  for (const std::string& cause : cause_names()) text += fmt::format("{:>14}", cause);
  text += '\n';
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerCost& layer = result.layers[i];
    text += fmt::format("{:<34}{:>14}{:>8.2f}{:>10.2f}", layer.name, layer.cycles,
                        100 * layer.utilisation(result.options.accelerator),
                        layer.arithmetic_intensity());
    if (!result.energy.empty()) {
      text += fmt::format("{:>14.4f}", 1e-9 * total_fj(result.layer_energies[i]));
    }
    for (const std::uint64_t cycles : layer.causes) text += fmt::format("{:>14}", cycles);
    text += '\n';
  }
  return text;
}

std::string platform_csv(const PlatformResult& result) {
  std::vector<std::string> header{"Layer",        "Total Cycles",      "Overall Util %",
                                  "Products",     "Products per Byte", "Read Bytes",
                                  "Written Bytes"};
  for (const std::string& cause : cause_names()) header.push_back(cause + " (cycles)");
  header.emplace_back("Energy (pJ)");
  std::string text = csv_line(header);
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerCost& layer = result.layers[i];
    std::vector<std::string> row{
        layer.name,
        fmt::format("{}", layer.cycles),
        fmt::format("{:.3f}", 100 * layer.utilisation(result.options.accelerator)),
        fmt::format("{}", layer.products),
        fmt::format("{:.3f}", layer.arithmetic_intensity()),
        fmt::format("{}", layer.bytes_read),
        fmt::format("{}", layer.bytes_written)};
    for (const std::uint64_t cycles : layer.causes) row.push_back(fmt::format("{}", cycles));
    row.push_back(result.energy.empty() ? "" : picojoules(total_fj(result.layer_energies[i])));
    text += csv_line(row);
  }
  return text;
}

nlohmann::json platform_json(const PlatformResult& result, const std::string& network) {
  nlohmann::json document{{"schema", "mbm.platform"},
                          {"schema_version", 1},
                          {"tool_version", MBM_VERSION},
                          {"numerics_version", kNumericsVersion},
                          {"network", network},
                          {"array", result.options.accelerator.description()},
                          {"memory_bytes_per_cycle", result.options.dram.bytes_per_cycle},
                          {"results_checked", result.has_data}};
  document["platform"] = columns_json(platform_row(result));
  document["platform"]["Arrays in Verilog"] = verilog_arrays(result);
  if (!result.energy.empty()) document["costed"] = result.costed;
  for (const auto& [name, fj] : result.energy) document["energy"][name] = fj;
  document["layers"] = nlohmann::json::array();
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    const LayerCost& layer = result.layers[l];
    nlohmann::json one{{"name", layer.name},
                       {"cycles", layer.cycles},
                       {"products", layer.products},
                       {"bytes_read", layer.bytes_read},
                       {"bytes_written", layer.bytes_written}};
    for (std::size_t i = 0; i < kCauses; ++i) one["causes"][cause_names()[i]] = layer.causes.at(i);
    if (!result.energy.empty()) one["energy"] = total_fj(result.layer_energies[l]);
    document["layers"].push_back(std::move(one));
  }
  document["units"] = {{"cycles", "clock cycles of the array"},
                       {"memory_bytes_per_cycle", "bytes a cycle"},
                       {"products", "operations"},
                       {"bytes_read", "bytes"},
                       {"bytes_written", "bytes"},
                       {"causes", "clock cycles"},
                       {"energy", "fJ"}};
  return document;
}

// --- sweeps

std::string sweep_csv(const SweepTable& table) {
  std::vector<std::string> header = table.axes;
  header.insert(header.end(), platform_columns().begin(), platform_columns().end());
  header.emplace_back("Error");
  std::string text = csv_line(header);
  for (const SweepRow& row : table.rows) {
    std::vector<std::string> cells = row.values;
    cells.insert(cells.end(), row.cells.begin(), row.cells.end());
    cells.resize(header.size() - 1);
    std::string error = row.error;
    std::ranges::replace(error, ',', ';');
    std::ranges::replace(error, '\n', ' ');
    cells.push_back(error);
    text += csv_line(cells);
  }
  return text;
}

SweepTable parse_sweep_csv(const std::string& text, const std::vector<std::string>& axes,
                           const std::string& place) {
  SweepTable table{axes, {}};
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (line + "\n" != sweep_csv({axes, {}})) {
    fail(ErrorKind::input, "{}:1: the table of another sweep; remove it or choose another folder",
         place);
  }
  const std::size_t columns = axes.size() + platform_columns().size() + 1;
  for (std::size_t number = 2; std::getline(lines, line); ++number) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (cells.size() != columns) {
      fail(ErrorKind::input, "{}:{}: {} cells found, {} expected", place, number, cells.size(),
           columns);
    }
    const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(axes.size());
    SweepRow row{{cells.begin(), begin}, {begin, cells.end() - 1}, cells.back()};
    if (!row.error.empty()) row.cells.clear();
    table.rows.push_back(std::move(row));
  }
  return table;
}

nlohmann::json sweep_json(const SweepTable& table, const std::string& network) {
  nlohmann::json document{{"schema", "mbm.platform-sweep"},
                          {"schema_version", 2},
                          {"tool_version", MBM_VERSION},
                          {"numerics_version", kNumericsVersion},
                          {"network", network},
                          {"axes", table.axes},
                          {"units", {{"platform", "in the names of the columns"}}},
                          {"platforms", nlohmann::json::array()}};
  for (const SweepRow& row : table.rows) {
    nlohmann::json one{{"values", row.values}};
    if (row.cells.empty()) {
      one["error"] = row.error;
    } else {
      one["platform"] = columns_json(row.cells);
    }
    document["platforms"].push_back(std::move(one));
  }
  return document;
}

}  // namespace mbm
