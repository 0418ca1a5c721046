// mbm.simulation: cycles by what they were spent on, the roofline, what was compared.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// The series called `name`, made if there is none: causes that no cycle has are not in the legend.
ChartSeries& series_of(Chart& chart, const std::string& name) {
  const auto found = std::find_if(chart.series.begin(), chart.series.end(),
                                  [&](const ChartSeries& series) { return series.name == name; });
  if (found != chart.series.end()) return *found;
  return chart.series.emplace_back(ChartSeries{name, ChartMark::stacked, {}, false});
}

// Shares of each layer's cycles on top of one another, a series for each cause.
Chart cause_chart(const json& layers) {
  Chart chart;
  chart.title = "Cycles by cause";
  chart.x.label = "layer";
  chart.y.label = "share of the layer's cycles (%)";
  for (const json& layer : layers) {
    const auto index = static_cast<double>(chart.x.names.size());
    chart.x.names.push_back(layer.at("layer").get<std::string>());
    const double cycles = std::max(1.0, layer.at("cycles").get<double>());
    for (const auto& cause : layer.at("causes").items()) {
      const double share = 100.0 * cause.value().get<double>() / cycles;
      if (share > 0.0) series_of(chart, cause.key()).points.push_back({index, share, 0.0, {}});
    }
  }
  return chart;
}

// Products a cycle against products a byte, under what array and memory allow.
Chart roofline_chart(const json& result) {
  Chart chart;
  chart.title = "Roofline";
  chart.x = {"products per byte read or written", true, {}, {}, {}};
  chart.y = {"products per cycle", true, {}, {}, {}};
  ChartSeries reached{"layer", ChartMark::points, {}, false};
  double least = INFINITY;
  double most = 0.0;
  for (const json& layer : result.at("layers")) {
    const double intensity = layer.at("arithmetic_intensity").get<double>();
    const double products = layer.at("products_per_cycle").get<double>();
    if (!(intensity > 0.0) || !(products > 0.0)) continue;  // pooling and the like
    const auto name = layer.at("layer").get<std::string>();
    reached.points.push_back({intensity, products, 0.0, name});
    chart.notes.push_back({intensity, products, name});
    least = std::min(least, intensity);
    most = std::max(most, intensity);
  }
  const double bandwidth = result.at("memory").at("bytes_per_cycle").get<double>();
  const double array =
      result.at("array").at("rows").get<double>() * result.at("array").at("columns").get<double>();
  const double ridge = array / bandwidth;
  least = std::min(least, ridge) / 2;
  most = std::max(most, ridge) * 2;
  chart.series.push_back(
      {"what memory and array allow",
       ChartMark::line,
       {{least, least * bandwidth, 0.0, {}}, {ridge, array, 0.0, {}}, {most, array, 0.0, {}}},
       true});
  chart.series.push_back(std::move(reached));
  return chart;
}

std::string number_or_dash(const json& value) {
  return value.is_null() ? "-" : value.dump();
}

}  // namespace

void add_simulation(Page& page, const ResultInput& input) {
  const json& result = input.result;
  const json& layers = result.at("layers");
  page.paragraph(fmt::format(
      "{}; {}; {} codes compared with the golden model, {} differ.",
      result.at("array").at("description").get<std::string>(),
      result.at("device") == "rtl" ? "the Verilog, simulated" : "its functional and cycle model",
      result.at("compared").dump(), result.at("mismatches").dump()));
  if (!layers.empty()) {
    page.chart(cause_chart(layers), "Every cycle of a layer has one cause.");
    page.chart(roofline_chart(result), "Layers with products; the line is the bound.");
  }
  PageTable table{{"layer", "products", "cycles", "predicted cycles", "utilisation (%)",
                   "bytes read", "bytes written", "codes compared", "different"},
                  {},
                  1};
  const auto add_row = [&](const json& layer) {
    table.rows.push_back({layer.at("layer").get<std::string>(), layer.at("products").dump(),
                          layer.at("cycles").dump(), number_or_dash(layer.at("predicted_cycles")),
                          fmt::format("{:.1f}", 100 * layer.at("utilization").get<double>()),
                          layer.at("bytes_read").dump(), layer.at("bytes_written").dump(),
                          layer.at("compared").dump(), layer.at("mismatches").dump()});
  };
  for (const json& layer : layers) add_row(layer);
  add_row(result.at("total"));
  page.table(table, fmt::format("Counted by the device, per image; memory of latency {} cycles and "
                                "{} bytes a cycle.",
                                result.at("memory").at("latency").dump(),
                                result.at("memory").at("bytes_per_cycle").dump()));
}

}  // namespace mbm
