#include "host/result/table_rows.hpp"

#include <fmt/format.h>

namespace mbm {

std::string metrics_header(const std::string& label) {
  std::string row = fmt::format("{:<26}", label);
  for (const std::string_view name : kDepthMetricNames) {
    row += fmt::format(" {:>8}", name == "rms" ? "rms (m)" : std::string(name));
  }
  return row + "\n";
}

std::string metrics_row(const std::string& label, const DepthMetrics& metrics) {
  std::string row = fmt::format("{:<26}", label);
  for (const double value : metrics) row += fmt::format(" {:>8.4f}", value);
  return row + "\n";
}

std::string percent_row(const std::string& label, const DepthMetrics& percent) {
  std::string row = fmt::format("{:<26}", label);
  for (const double value : percent) row += fmt::format(" {:>+7.2f}%", value);
  return row + "\n";
}

std::string deviation_rows(const std::string& label, const Deviation& deviation) {
  std::string row = fmt::format("{:<26}", "    +-");
  for (const double value : deviation.standard_error) row += fmt::format(" {:>7.2f}%", value);
  return percent_row(label, deviation.percent) + row + "\n";
}

}  // namespace mbm
