// The SVG of the comparison of families.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "host/format/input_file.hpp"
#include "host/multiplier/picture.hpp"
#include "host/plot/chart.hpp"

namespace mbm {
namespace {

constexpr double kLowestNoise = -60;  // dB; exact multipliers are drawn here

std::vector<std::string> families_of(const std::vector<ComparedMultiplier>& multipliers) {
  std::vector<std::string> families;
  for (const ComparedMultiplier& multiplier : multipliers) {
    if (std::find(families.begin(), families.end(), multiplier.family) == families.end()) {
      families.push_back(multiplier.family);
    }
  }
  return families;
}

}  // namespace

CostList read_costs(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  CostList list;
  std::string row;
  for (std::size_t number = 1; std::getline(text, row); ++number) {
    if (row.ends_with('\r')) row.pop_back();
    const std::size_t comma = row.find(',');
    const std::string name = row.substr(0, comma);
    const std::string cell = comma == std::string::npos ? "" : row.substr(comma + 1);
    if (number == 1) {
      if (name != "multiplier" || cell.empty()) {
        fail(ErrorKind::input, "{}:1: header 'multiplier,COST (UNIT)' expected", path);
      }
      list.name = cell;
      continue;
    }
    double cost = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), cost);
    if (error != std::errc() || end != cell.data() + cell.size() || !(cost >= 0)) {
      fail(ErrorKind::input, "{}:{}: cost '{}' found, a number of 0 or more expected", path, number,
           cell);
    }
    list.costs.emplace_back(name, cost);
  }
  if (list.name.empty())
    fail(ErrorKind::input, "{}:1: an empty file found, a header expected", path);
  return list;
}

std::string comparison_svg(const std::vector<ComparedMultiplier>& multipliers,
                           const std::string& cost_name) {
  std::vector<ComparedMultiplier> shown;
  std::ranges::copy_if(multipliers, std::back_inserter(shown),
                       [](const auto& entry) { return entry.cost.has_value(); });
  const bool has_costs = !shown.empty();
  if (!has_costs) shown = multipliers;
  Chart chart;
  chart.title = "Noise of multipliers";
  chart.x.label = has_costs ? cost_name : "multipliers in the order of the list (no costs given)";
  if (has_costs) chart.x.low = 0.0;
  chart.y = {"NSRdnn,g (dB; at the lower edge: that or less)", false, {}, kLowestNoise, 0.0};
  chart.width = 1000;
  chart.height = 640;
  for (const std::string& family : families_of(shown)) {
    ChartSeries series{family, ChartMark::points, {}, false};
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const ComparedMultiplier& entry = shown[i];
      if (entry.family != family) continue;
      series.points.push_back({has_costs ? *entry.cost : static_cast<double>(i),
                               std::clamp(entry.noise_to_signal, kLowestNoise, 0.0), 0.0,
                               fmt::format("{}: {:.1f} dB", entry.name, entry.noise_to_signal)});
    }
    chart.series.push_back(std::move(series));
  }
  return chart_file(chart);
}

}  // namespace mbm
