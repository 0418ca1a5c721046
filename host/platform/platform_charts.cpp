#include "host/platform/platform_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "host/evaluation/pareto_set.hpp"
#include "host/plot/roofline.hpp"

namespace mbm {
namespace {

using nlohmann::json;

constexpr const char* kMemory = "On-chip Memory (bit)";
constexpr const char* kCycles = "Cycles per Image";
constexpr const char* kEnergy = "Energy per Image (pJ)";

// "accelerator.rows 16, memory.bytes_per_cycle 4"
std::string name_of(const json& sweep, const json& row) {
  std::string name;
  for (std::size_t i = 0; i < row.at("values").size(); ++i) {
    name += fmt::format("{}{} {}", i == 0 ? "" : ", ", sweep.at("axes").at(i).get<std::string>(),
                        row.at("values").at(i).get<std::string>());
  }
  return name;
}

// All platforms of a sweep, and those that nothing else beats in both columns.
Chart pareto_chart(const json& sweep, const char* x, const char* y) {
  Chart chart;
  ChartSeries points{.name = "platforms"};
  for (const json& row : sweep.at("platforms")) {
    if (!row.contains("platform") || row.at("platform").at(y).is_null()) continue;
    points.points.push_back({.x = row.at("platform").at(x).get<double>(),
                             .y = row.at("platform").at(y).get<double>(),
                             .title = name_of(sweep, row)});
  }
  ChartSeries best{.name = "not beaten in both", .mark = ChartMark::line_points};
  best.points = pareto_set(points.points, &ChartPoint::x, &ChartPoint::y);
  chart.series = {std::move(points), std::move(best)};
  return chart;
}

}  // namespace

Chart platform_roofline(const json& result) {
  const json& platform = result.at("platform");
  Roofline roofline{
      .title = fmt::format("{} on {}", result.at("network").get<std::string>(),
                           result.at("array").get<std::string>()),
      .what = "layers",
      .peak = platform.at("Array Rows").get<double>() * platform.at("Array Columns").get<double>(),
      .bytes_per_cycle = {result.at("memory_bytes_per_cycle").get<double>()}};
  for (const json& layer : result.at("layers")) {
    const auto products = layer.at("products").get<double>();
    const auto bytes =
        layer.at("bytes_read").get<double>() + layer.at("bytes_written").get<double>();
    roofline.points.push_back({layer.at("name").get<std::string>(), products / bytes,
                               products / layer.at("cycles").get<double>()});
  }
  return roofline_chart(roofline);
}

Chart sweep_roofline(const json& result) {
  Roofline roofline{.title = fmt::format("{}: platforms", result.at("network").get<std::string>()),
                    .what = "platforms",
                    .bytes_per_cycle = {1.0, 4.0, 16.0},
                    .named = false};
  for (const json& row : result.at("platforms")) {
    if (!row.contains("platform")) continue;
    const json& platform = row.at("platform");
    roofline.points.push_back({name_of(result, row), platform.at("Products per Byte").get<double>(),
                               platform.at("Products per Cycle").get<double>()});
    roofline.peak = std::max(roofline.peak, platform.at("Arrays").get<double>() *
                                                platform.at("Array Rows").get<double>() *
                                                platform.at("Array Columns").get<double>());
  }
  return roofline_chart(roofline);
}

Chart sweep_pareto(const json& result) {
  Chart chart = pareto_chart(result, kMemory, kCycles);
  chart.title = result.at("network").get<std::string>() + ": memory on the chip against cycles";
  chart.x = {.label = "memory on the chip (bit)", .logarithmic = true};
  chart.y = {.label = "cycles an image", .logarithmic = true};
  return chart;
}

Chart sweep_energy(const json& result) {
  Chart chart = pareto_chart(result, kCycles, kEnergy);
  chart.title = result.at("network").get<std::string>() + ": cycles against energy";
  chart.x = {.label = "cycles an image", .logarithmic = true};
  chart.y = {.label = "energy of an image (pJ)", .logarithmic = true};
  return chart;
}

bool has_energy(const json& sweep) {
  return std::ranges::any_of(sweep.at("platforms"), [](const json& row) {
    return row.contains("platform") && !row.at("platform").at(kEnergy).is_null();
  });
}

}  // namespace mbm
