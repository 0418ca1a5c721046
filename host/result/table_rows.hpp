// Rows of the six metrics for tables on a terminal.
#pragma once

#include <string>

#include "host/evaluation/depth_metrics.hpp"
#include "host/result/study_result.hpp"

namespace mbm {

std::string metrics_header(const std::string& label);
std::string metrics_row(const std::string& label, const DepthMetrics& metrics);

// Signed percentages.
std::string percent_row(const std::string& label, const DepthMetrics& percent);

// Two rows: the change and its standard error.
std::string deviation_rows(const std::string& label, const Deviation& deviation);

}  // namespace mbm
