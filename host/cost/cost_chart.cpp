#include "host/cost/cost_chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/plot/chart.hpp"

namespace mbm {
namespace {

double energy_of(const EnergyRow& row) {
  return row.energy.timed.stream.total() * 1e-3;
}

ChartPoint point_of(const EnergyRow& row) {
  return {.x = row.area_um2,
          .y = energy_of(row),
          .title = fmt::format("{}, {}: {:.0f} um2, {:.2f} pJ", row.design, row.operands,
                               row.area_um2, energy_of(row))};
}

}  // namespace

std::string energy_chart(const EnergyReport& report) {
  Chart chart;
  chart.title = "Energy of an operation against area, " + report.context.library;
  chart.x.label = "area (um2)";
  chart.y.label = "energy with glitches (pJ)";
  for (const EnergyRow& row : report.rows) {
    auto series = std::ranges::find(chart.series, row.operands, &ChartSeries::name);
    if (series == chart.series.end()) {
      series = chart.series.insert(series, {.name = row.operands});
    }
    series->points.push_back(point_of(row));
  }
  const std::string last = report.rows.back().operands;
  std::vector<const EnergyRow*> rows;
  for (const EnergyRow& row : report.rows) {
    if (row.operands == last) rows.push_back(&row);
  }
  std::ranges::sort(rows, {}, [](const EnergyRow* row) { return row->area_um2; });
  ChartSeries front{.name = "least on " + last, .mark = ChartMark::line};
  double least = 0;
  for (const EnergyRow* row : rows) {
    if (!front.points.empty() && energy_of(*row) >= least) continue;
    least = energy_of(*row);
    front.points.push_back(point_of(*row));
    chart.notes.push_back({row->area_um2, least, row->design});
  }
  chart.series.push_back(std::move(front));
  return chart_file(chart);
}

}  // namespace mbm
