// mbm.platform and mbm.platform-sweep.
#include <fmt/format.h>

#include "host/platform/platform_charts.hpp"
#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

std::string cell_of(const json& value) {
  return value.is_null() ? "-" : value.dump();
}

}  // namespace

void add_platform(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.paragraph(fmt::format(
      "{}; {:.0f} arrays, {} of them in Verilog; {}.", result.at("array").get<std::string>(),
      result.at("platform").at("Arrays").get<double>(),
      result.at("platform").at("Arrays in Verilog").dump(),
      result.at("results_checked").get<bool>() ? "all results are the engine's"
                                               : "timing only, no results computed"));
  if (!result.at("layers").empty()) {
    page.chart(cause_chart(result.at("layers"), "name"),
               "Cycles of array 0; each has one cause, waits for the interconnect included.");
    page.chart(platform_roofline(result),
               "Roofline of the layers with products; the dashed line is the bound of one "
               "array that has the memory for itself.");
  }
  PageTable table{{"figure, with its unit", "value"}, {}, 1};
  for (const auto& [name, value] : result.at("platform").items()) {
    table.rows.push_back({name, cell_of(value)});
  }
  page.table(table, "The platform as a whole.");
}

void add_platform_sweep(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.chart(sweep_pareto(result), "All platforms of the sweep.");
  if (has_energy(result)) {
    page.chart(sweep_energy(result), "Energy of convolutions and of all bytes moved.");
  }
  page.chart(sweep_roofline(result),
             "All platforms of the sweep; the roofs are of the largest "
             "array and of one, four and sixteen bytes a cycle.");
  PageTable table;
  for (const json& axis : result.at("axes")) table.head.push_back(axis.get<std::string>());
  table.text_columns = 0;
  constexpr const char* kShown[] = {"Cycles per Image",  "Overall Util %",
                                    "Products per Byte", "On-chip Memory (bit)",
                                    "Memory Busy %",     "Energy per Image (pJ)"};
  table.head.insert(table.head.end(), std::begin(kShown), std::end(kShown));
  table.head.emplace_back("why not");
  for (const json& platform : result.at("platforms")) {
    std::vector<std::string> row;
    for (const json& value : platform.at("values")) row.push_back(value.get<std::string>());
    const bool known = platform.contains("platform");
    for (const char* column : kShown) {
      row.push_back(known ? cell_of(platform.at("platform").at(column)) : "");
    }
    row.push_back(known ? "" : platform.at("error").get<std::string>());
    table.rows.push_back(std::move(row));
  }
  page.table(table, "Every platform; one that cannot be says why.", true);
}

}  // namespace mbm
