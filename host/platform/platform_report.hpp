// What platforms take, as tables.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/platform/platform_run.hpp"

namespace mbm {

// The columns of a table of platforms, with units; energies are empty without costs.
const std::vector<std::string>& platform_columns();
// Their values for one platform.
std::vector<std::string> platform_row(const PlatformResult& result);

// One platform: the whole and its layers.
std::string platform_text(const PlatformResult& result, const std::string& network);
std::string platform_csv(const PlatformResult& result);  // a line for each layer
nlohmann::json platform_json(const PlatformResult& result, const std::string& network);

// A line of a sweep: its values of the axes, then those of platform_columns() or, if the platform
// cannot be, nothing and why.
struct SweepRow {
  std::vector<std::string> values;
  std::vector<std::string> cells;
  std::string error;
};

struct SweepTable {
  std::vector<std::string> axes;
  std::vector<SweepRow> rows;
};

std::string sweep_csv(const SweepTable& table);
// The table that sweep_csv() made; throws Error(input) that begins with `place` if it is not one of
// these axes.
SweepTable parse_sweep_csv(const std::string& text, const std::vector<std::string>& axes,
                           const std::string& place);
// Schema "mbm.platform-sweep".
nlohmann::json sweep_json(const SweepTable& table, const std::string& network);

}  // namespace mbm
