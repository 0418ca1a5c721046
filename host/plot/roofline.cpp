#include "host/plot/roofline.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mbm {
namespace {

ChartSeries roof_of(double peak, double bytes_per_cycle, double least, double most) {
  ChartSeries roof{.name = fmt::format("array; {:g} bytes/cycle", bytes_per_cycle),
                   .mark = ChartMark::line,
                   .dashed = true};
  for (const double x : {least, std::clamp(peak / bytes_per_cycle, least, most), most}) {
    roof.points.push_back({.x = x, .y = std::min(peak, x * bytes_per_cycle)});
  }
  return roof;
}

}  // namespace

Chart roofline_chart(const Roofline& roofline) {
  Chart chart;
  chart.title = roofline.title;
  chart.x = {.label = "products a byte read or written", .logarithmic = true};
  chart.y = {.label = "products a cycle", .logarithmic = true};
  ChartSeries reached{.name = roofline.what};
  const double widest = *std::ranges::max_element(roofline.bytes_per_cycle);
  double least = roofline.peak / widest;
  double most = least;
  for (const RooflinePoint& point : roofline.points) {
    const double x = point.products_per_byte;
    const double y = point.products_per_cycle;
    if (!(x > 0.0) || !(y > 0.0)) continue;  // pooling and the like
    reached.points.push_back(
        {.x = x,
         .y = y,
         .title = fmt::format("{}: {:.1f} products a cycle, {:.1f} a byte", point.name, y, x)});
    if (roofline.named) chart.notes.push_back({x, y, point.name});
    least = std::min(least, x);
    most = std::max(most, x);
  }
  for (const double rate : roofline.bytes_per_cycle) {
    chart.series.push_back(roof_of(roofline.peak, rate, least / 2, most * 2));
  }
  chart.series.push_back(std::move(reached));
  return chart;
}

}  // namespace mbm
