// The six metrics of depth maps as tables and charts show them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/plot/chart.hpp"

namespace mbm {

// "a1", ..., "rms (m)", "log10".
std::vector<std::string> metric_heads();

// A row of a table: `label`, then "mean ± standard error" of every metric, from an object with
// "mean" and "standard_error" by metric.
std::vector<std::string> value_row(const std::string& label, const nlohmann::json& metrics);

// The same of changes: an object with "percent" and "standard_error".
std::vector<std::string> change_row(const std::string& label, const nlohmann::json& deviation);

// The changes as bars over the six metrics.
ChartSeries change_bars(const std::string& label, const nlohmann::json& deviation);

}  // namespace mbm
