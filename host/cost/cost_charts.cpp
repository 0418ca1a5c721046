#include "host/cost/cost_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/evaluation/pareto_set.hpp"

namespace mbm {
namespace {

using nlohmann::json;

struct NamedPoint {
  std::string design;
  ChartPoint point;
};

// Joins what no other point beats in both, and names it in the chart.
void add_front(Chart& chart, const std::vector<NamedPoint>& points, const std::string& name) {
  ChartSeries front{.name = name, .mark = ChartMark::line};
  const auto x = [](const NamedPoint& named) { return named.point.x; };
  const auto y = [](const NamedPoint& named) { return named.point.y; };
  for (const auto& [design, point] : pareto_set(points, x, y)) {
    front.points.push_back({.x = point.x, .y = point.y, .title = point.title});
    chart.notes.push_back({point.x, point.y, design});
  }
  chart.series.push_back(std::move(front));
}

// The `most` components that take most energy of all layers together, largest first.
std::vector<std::string> largest_components(const json& layers, std::size_t most) {
  std::map<std::string, double> sums;
  for (const json& layer : layers) {
    for (const auto& [component, energy] : layer.at("energy").items()) {
      sums[component] += energy.get<double>();
    }
  }
  std::vector<std::string> names;
  for (const auto& [component, sum] : sums) names.push_back(component);
  std::ranges::stable_sort(names, std::greater(), [&](const std::string& n) { return sums[n]; });
  names.resize(std::min(most, names.size()));
  return names;
}

double picojoules(const json& femtojoules) {
  return femtojoules.get<double>() * 1e-3;
}

}  // namespace

Chart energy_chart(const json& result) {
  Chart chart;
  chart.title =
      "Energy of an operation against area, " + result.at("library").at("name").get<std::string>();
  chart.x.label = "area (um2)";
  chart.y.label = "energy with glitches (pJ)";
  const json& rows = result.at("designs");
  const auto last = rows.back().at("operands").get<std::string>();
  std::vector<NamedPoint> candidates;
  for (const json& row : rows) {
    const auto design = row.at("design").get<std::string>();
    const auto operands = row.at("operands").get<std::string>();
    ChartPoint point{.x = row.at("area").get<double>(),
                     .y = picojoules(row.at("library_delays").at("operation").at("total"))};
    point.title = fmt::format("{}, {}: {:.0f} um2, {:.2f} pJ", design, operands, point.x, point.y);
    series_of(chart, operands, ChartMark::points).points.push_back(point);
    if (operands == last) candidates.push_back({design, point});
  }
  add_front(chart, candidates, "least on " + last);
  return chart;
}

Chart comparison_chart(const json& result, ComparedCost cost) {
  const bool energy = cost == ComparedCost::energy;
  const json& sources = result.at("sources");
  Chart chart;
  chart.title = fmt::format("Accuracy of {} against {}, {}",
                            sources.at("accuracy").at(0).at("network").get<std::string>(),
                            energy ? "energy" : "area",
                            sources.at("cost").at(0).at("library").get<std::string>());
  chart.x.label = energy ? "energy of a product (pJ)" : "area of the design (um2)";
  chart.y.label = "loss: worst change of a metric against float (%)";
  chart.series = {{.name = "exact products"}, {.name = "approximate products"}};
  std::vector<NamedPoint> candidates;
  for (const json& row : result.at("designs")) {
    if (!row.contains("accuracy")) continue;
    const json& accuracy = row.at("accuracy");
    const auto design = row.at("design").get<std::string>();
    const auto area = row.at("area").get<double>();
    const double picojoule = picojoules(row.at("energy"));
    const auto loss = accuracy.at("loss").get<double>();
    const ChartPoint point{
        .x = energy ? picojoule : area,
        .y = loss,
        .error = accuracy.at("standard_error").get<double>(),
        .title = fmt::format("{} ({}, {}): {:.2f} pJ, {:.0f} um2, loss {:.3f} % ({})", design,
                             accuracy.at("products_of").get<std::string>(),
                             row.at("activation_range").get<std::string>(), picojoule, area, loss,
                             accuracy.at("metric").get<std::string>())};
    chart.series[row.at("exact").get<bool>() ? 0 : 1].points.push_back(point);
    candidates.push_back({design, point});
  }
  add_front(chart, candidates, "none is better in both");
  return chart;
}

Chart timing_chart(const json& result) {
  Chart chart;
  chart.title = fmt::format("{} in {}", result.at("design").get<std::string>(),
                            result.at("library").at("name").get<std::string>());
  chart.x.label = "period (ns)";
  chart.y.label = "area (um2)";
  ChartSeries mappings{.name = "mappings", .mark = ChartMark::line_points};
  for (const json& mapping : result.at("mappings")) {
    mappings.points.push_back({.x = mapping.at("period").get<double>(),
                               .y = mapping.at("area").get<double>(),
                               .title = mapping.at("recipe").get<std::string>()});
  }
  std::ranges::sort(mappings.points, {}, &ChartPoint::x);
  chart.series.push_back(std::move(mappings));
  return chart;
}

Chart network_energy_chart(const json& result) {
  Chart chart;
  chart.title = fmt::format("{} with {}", result.at("network").get<std::string>(),
                            result.at("element").get<std::string>());
  chart.x.label = "layer";
  chart.y.label = "energy of an image (uJ)";
  constexpr std::size_t kNamed = 7;
  const std::vector<std::string> named = largest_components(result.at("layers"), kNamed);
  for (const std::string& name : named) series_of(chart, name, ChartMark::stacked);
  ChartSeries others{.name = "others", .mark = ChartMark::stacked};
  for (const json& layer : result.at("layers")) {
    const auto index = static_cast<double>(chart.x.names.size());
    chart.x.names.push_back(layer.at("layer").get<std::string>());
    double rest = 0.0;
    for (const auto& [component, energy] : layer.at("energy").items()) {
      const double microjoules = energy.get<double>() * 1e-9;
      if (std::ranges::find(named, component) == named.end()) {
        rest += microjoules;
      } else {
        series_of(chart, component, ChartMark::stacked)
            .points.push_back({.x = index, .y = microjoules});
      }
    }
    others.points.push_back({.x = index, .y = rest});
  }
  chart.series.push_back(std::move(others));
  return chart;
}

}  // namespace mbm
