#include "host/platform/platform_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/plot/chart.hpp"

namespace mbm {
namespace {

// Names of the causes in the order of CauseCycles.
const std::vector<std::string>& cause_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result(kCauses);
    for (const registers::Counter& counter : registers::kCounters) {
      if (counter.cause >= 0) {
        result.at(static_cast<std::size_t>(counter.cause)) = std::string(counter.name);
      }
    }
    return result;
  }();
  return names;
}

CauseCycles causes_of(const CounterValues& counters) {
  CauseCycles causes{};
  for (std::size_t i = 0; i < counters.size(); ++i) {
    const int cause = registers::kCounters[i].cause;
    if (cause >= 0) causes.at(static_cast<std::size_t>(cause)) = counters[i];
  }
  return causes;
}

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

// Where a column stands among platform_columns().
std::size_t column(std::string_view name) {
  const auto found = std::ranges::find(platform_columns(), name);
  return static_cast<std::size_t>(found - platform_columns().begin());
}

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ChartPoint sweep_point(const SweepTable& table, const SweepRow& row, std::string_view x,
                       std::string_view y) {
  std::string title;
  for (std::size_t i = 0; i < table.axes.size(); ++i) {
    title += fmt::format("{}{} {}", i == 0 ? "" : ", ", table.axes[i], row.values[i]);
  }
  return {.x = number(row.cells[column(x)]), .y = number(row.cells[column(y)]), .title = title};
}

// From the least x on, each point whose y is below all before it.
std::vector<ChartPoint> frontier(std::vector<ChartPoint> points) {
  std::ranges::sort(points, {}, [](const ChartPoint& p) { return std::pair(p.x, p.y); });
  std::vector<ChartPoint> result;
  for (const ChartPoint& point : points) {
    if (result.empty() || point.y < result.back().y) result.push_back(point);
  }
  return result;
}

// The roof from the least intensity of `points` to their largest.
ChartSeries roof(const std::vector<ChartPoint>& points, double peak, double bytes_per_cycle,
                 const std::string& name) {
  const auto [least, most] = std::ranges::minmax(points, {}, &ChartPoint::x);
  ChartSeries series{.name = name, .mark = ChartMark::line, .dashed = true};
  const double ridge = peak / bytes_per_cycle;
  for (const double x : {least.x / 2, ridge, most.x * 2}) {
    if (x < least.x / 2) continue;
    series.points.push_back({.x = x, .y = std::min(peak, x * bytes_per_cycle)});
  }
  std::ranges::sort(series.points, {}, &ChartPoint::x);
  return series;
}

// All points of a sweep, and those that nothing else beats in both columns.
std::string pareto(const SweepTable& table, std::string_view x, std::string_view y, Chart chart) {
  ChartSeries points{.name = "platforms"};
  for (const SweepRow& row : table.rows) {
    if (!row.cells.empty()) points.points.push_back(sweep_point(table, row, x, y));
  }
  ChartSeries best{.name = "not beaten in both", .mark = ChartMark::line_points};
  best.points = frontier(points.points);
  chart.series = {points, best};
  return chart_file(chart);
}

}  // namespace

const std::vector<std::string>& platform_columns() {
  static const std::vector<std::string> columns = [] {
    std::vector<std::string> result{
        "Arrays",          "Array Rows",        "Array Columns",      "On-chip Memory (bit)",
        "Total Cycles",    "Cycles per Image",  "Products per Image", "Products per Cycle",
        "Overall Util %",  "Products per Byte", "Read Bytes",         "Written Bytes",
        "Bytes per Cycle", "Row Hit %",         "Memory Busy %",      "Interconnect Wait Cycles"};
    for (const std::string& cause : cause_names()) result.push_back(cause + " Cycles");
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
  for (const std::string& cause : cause_names()) header.push_back(cause + " Cycles");
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
                          {"results_checked", result.has_data}};
  const auto cells = platform_row(result);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    document["platform"][platform_columns()[i]] =
        cells[i].empty() ? nlohmann::json(nullptr) : nlohmann::json(number(cells[i]));
  }
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
                       {"products", "operations"},
                       {"bytes_read", "bytes"},
                       {"bytes_written", "bytes"},
                       {"causes", "clock cycles"},
                       {"energy", "fJ"}};
  return document;
}

std::string platform_roofline(const PlatformResult& result, const std::string& network) {
  ChartSeries layers{.name = "layers"};
  for (const LayerCost& layer : result.layers) {
    if (layer.products == 0 || layer.cycles == 0) continue;
    layers.points.push_back(
        {.x = layer.arithmetic_intensity(),
         .y = static_cast<double>(layer.products) / static_cast<double>(layer.cycles),
         .title = layer.name});
  }
  Chart chart{.title = fmt::format("{} on {}", network, result.options.accelerator.description()),
              .x = {.label = "products a byte", .logarithmic = true},
              .y = {.label = "products a cycle", .logarithmic = true},
              .series = {},
              .notes = {}};
  if (!layers.points.empty()) {
    const AcceleratorParameters& a = result.options.accelerator;
    chart.series.push_back(roof(layers.points, static_cast<double>(a.rows * a.columns),
                                result.options.dram.bytes_per_cycle, "array and memory"));
  }
  chart.series.push_back(std::move(layers));
  return chart_file(chart);
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

std::string sweep_roofline(const SweepTable& table, const std::string& network) {
  ChartSeries points{.name = "platforms"};
  double peak = 0;
  for (const SweepRow& row : table.rows) {
    if (row.cells.empty()) continue;
    points.points.push_back(sweep_point(table, row, "Products per Byte", "Products per Cycle"));
    peak = std::max(peak, number(row.cells[column("Arrays")]) *
                              number(row.cells[column("Array Rows")]) *
                              number(row.cells[column("Array Columns")]));
  }
  Chart chart{.title = fmt::format("{}: platforms", network),
              .x = {.label = "products a byte", .logarithmic = true},
              .y = {.label = "products a cycle", .logarithmic = true},
              .series = {},
              .notes = {}};
  if (!points.points.empty()) {
    for (const double rate : {1.0, 4.0, 16.0}) {
      chart.series.push_back(
          roof(points.points, peak, rate, fmt::format("{} bytes a cycle", rate)));
    }
  }
  chart.series.push_back(std::move(points));
  return chart_file(chart);
}

std::string sweep_pareto(const SweepTable& table, const std::string& network) {
  return pareto(table, "On-chip Memory (bit)", "Cycles per Image",
                {.title = fmt::format("{}: memory on the chip against cycles", network),
                 .x = {.label = "memory on the chip (bit)", .logarithmic = true},
                 .y = {.label = "cycles an image", .logarithmic = true},
                 .series = {},
                 .notes = {}});
}

std::string sweep_energy(const SweepTable& table, const std::string& network) {
  return pareto(table, "Cycles per Image", kEnergyColumn,
                {.title = fmt::format("{}: cycles against energy", network),
                 .x = {.label = "cycles an image", .logarithmic = true},
                 .y = {.label = "energy of an image (pJ)", .logarithmic = true},
                 .series = {},
                 .notes = {}});
}

}  // namespace mbm
