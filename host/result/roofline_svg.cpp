// The roofline of a network on a simulated accelerator.
#include <fmt/format.h>

#include <algorithm>

#include "host/plot/chart.hpp"
#include "host/result/simulation_result.hpp"

namespace mbm {

std::string roofline_svg(const SimulationResult& result) {
  const double peak = static_cast<double>(result.parameters.rows * result.parameters.columns);
  const double bandwidth = result.bytes_per_cycle();
  const double ridge = peak / bandwidth;
  double least = ridge;
  double most = 2 * ridge;
  Chart chart;
  ChartSeries layers{.name = "convolutions"};
  for (const SimulationResult::Node& node : result.nodes) {
    const LayerCost& cost = node.measured ? *node.measured : node.cost;
    if (cost.products == 0 || cost.cycles == 0) continue;
    const double intensity = cost.arithmetic_intensity();
    const double performance =
        static_cast<double>(cost.products) / static_cast<double>(cost.cycles);
    least = std::min(least, intensity);
    most = std::max(most, intensity);
    layers.points.push_back({.x = intensity,
                             .y = performance,
                             .title = fmt::format("{}: {:.1f} products a cycle, {:.1f} a byte",
                                                  node.name, performance, intensity)});
    chart.notes.push_back({intensity, performance, node.name});
  }
  ChartSeries roof{.name = "what array and memory allow", .mark = ChartMark::line};
  for (const double intensity : {least, ridge, most}) {
    roof.points.push_back({.x = intensity, .y = std::min(peak, intensity * bandwidth)});
  }
  chart.title = fmt::format("{} on {}: {:g} products and {:g} bytes a cycle", result.network,
                            result.parameters.description(), peak, bandwidth);
  chart.x = {.label = "products a byte", .logarithmic = true};
  chart.y = {.label = "products a cycle", .logarithmic = true};
  chart.series = {std::move(roof), std::move(layers)};
  return chart_file(chart);
}

}  // namespace mbm
