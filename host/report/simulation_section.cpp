// mbm.simulation: cycles by what they were spent on, the roofline, what was compared.
#include <fmt/format.h>

#include "host/report/sections.hpp"
#include "host/result/simulation_result.hpp"

namespace mbm {
namespace {

using nlohmann::json;

std::string number_or_dash(const json& value) {
  return value.is_null() ? "-" : value.dump();
}

}  // namespace

Chart cause_chart(const json& layers, const char* key) {
  Chart chart;
  chart.title = "Cycles by cause";
  chart.x.label = "layer";
  chart.y.label = "share of the layer's cycles (%)";
  for (const json& layer : layers) {
    const auto cycles = layer.at("cycles").get<double>();
    if (cycles == 0.0) continue;  // concatenation by address
    const auto index = static_cast<double>(chart.x.names.size());
    chart.x.names.push_back(layer.at(key).get<std::string>());
    for (const auto& cause : layer.at("causes").items()) {
      const double share = 100.0 * cause.value().get<double>() / cycles;
      if (share == 0.0) continue;  // a cause that no cycle has is not in the legend
      series_of(chart, cause.key(), ChartMark::stacked).points.push_back({index, share});
    }
  }
  return chart;
}

void add_simulation(Page& page, const ResultInput& input) {
  const json& result = input.result;
  const json& layers = result.at("layers");
  page.paragraph(fmt::format(
      "{}; {}; {} codes compared with the golden model, {} differ.",
      result.at("array").at("description").get<std::string>(),
      result.at("device") == "rtl" ? "the Verilog, simulated" : "its functional and cycle model",
      result.at("compared").dump(), result.at("mismatches").dump()));
  if (!layers.empty()) {
    page.chart(cause_chart(layers, "layer"), "Every cycle of a layer has one cause.");
    page.chart(simulation_roofline(result),
               "Roofline of the layers with products; the dashed line is the bound.");
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
