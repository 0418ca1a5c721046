#include "host/report/metric_rows.hpp"

#include <fmt/format.h>

#include "host/evaluation/depth_metrics.hpp"

namespace mbm {
namespace {

double number(const nlohmann::json& metrics, std::string_view metric) {
  return metrics.at(std::string(metric)).get<double>();
}

}  // namespace

std::vector<std::string> metric_heads() {
  std::vector<std::string> heads;
  for (const std::string_view name : kDepthMetricNames) {
    heads.push_back(name == "rms" ? "rms (m)" : std::string(name));
  }
  return heads;
}

std::vector<std::string> value_row(const std::string& label, const nlohmann::json& metrics) {
  std::vector<std::string> row{label};
  for (const std::string_view metric : kDepthMetricNames) {
    row.push_back(fmt::format("{:.4f} ± {:.4f}", number(metrics.at("mean"), metric),
                              number(metrics.at("standard_error"), metric)));
  }
  return row;
}

std::vector<std::string> change_row(const std::string& label, const nlohmann::json& deviation) {
  std::vector<std::string> row{label};
  for (const std::string_view metric : kDepthMetricNames) {
    row.push_back(fmt::format("{:+.2f} ± {:.2f}", number(deviation.at("percent"), metric),
                              number(deviation.at("standard_error"), metric)));
  }
  return row;
}

ChartSeries change_bars(const std::string& label, const nlohmann::json& deviation) {
  ChartSeries series{label, ChartMark::bars, {}, false};
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    series.points.push_back({static_cast<double>(m),
                             number(deviation.at("percent"), kDepthMetricNames[m]),
                             number(deviation.at("standard_error"), kDepthMetricNames[m]),
                             {}});
  }
  return series;
}

}  // namespace mbm
