#include "host/report/report.hpp"

#include <fmt/format.h>

#include <set>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/calibration/correction.hpp"
#include "host/format/png_codec.hpp"
#include "host/multiplier/picture.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

std::string text_or_dash(const json& object, const char* key) {
  if (!object.contains(key)) return "-";
  const json& value = object.at(key);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_overview(Page& page, const std::vector<ResultInput>& results) {
  PageTable table{{"result", "schema", "network", "mbm", "numerics", "seed"}, {}, 3};
  for (const ResultInput& input : results) {
    table.rows.push_back({input.name, input.schema, text_or_dash(input.result, "network"),
                          text_or_dash(input.result, "tool_version"),
                          text_or_dash(input.result, "numerics_version"),
                          text_or_dash(input.result, "seed")});
  }
  page.heading("Overview");
  page.table(table, "What this page was made from.");
}

// Names of multipliers without their corrections, each once, in the order in which they come.
std::vector<std::string> multipliers_of(const std::vector<ResultInput>& results) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const ResultInput& input : results) {
    if (!input.result.contains("multipliers")) continue;
    for (const json& entry : input.result.at("multipliers")) {
      const std::string name =
          parse_corrected_multiplier(entry.at("name").get<std::string>()).multiplier;
      if (name != "exact" && !entry.contains("file") && seen.insert(name).second) {
        names.push_back(name);
      }
    }
  }
  return names;
}

void add_heat_maps(Page& page, const std::vector<ResultInput>& results) {
  const std::vector<std::string> names = multipliers_of(results);
  if (names.empty()) return;
  page.heading("Multipliers");
  page.paragraph(
      "Signed relative error of all 65,536 products: first operand from top to bottom, second from "
      "left to right, 0 to 255. White: exact; red: too large; blue: too small.");
  for (const std::string& name : names) {
    const ProductTable table = resolve_product_table(name);
    const double scale = heat_map_scale(table);
    constexpr std::size_t kPixels = 2;
    page.subheading(name);
    page.picture(encode_png(error_heat_map(table, scale, kPixels), name),
                 fmt::format("heat map of the relative error of {}", name),
                 fmt::format("{}: full colour at {:.1f} %. mbm multiplier show {} --heat-map "
                             "FILE.png",
                             name, 100 * scale, name));
  }
}

}  // namespace

std::string report_html(const std::string& title, const std::vector<ResultInput>& results) {
  Page page(title);
  page.paragraph(fmt::format("Made by mbm report, version {}.", MBM_VERSION));
  add_overview(page, results);
  for (const ResultInput& input : results) add_section(page, input);
  add_heat_maps(page, results);
  return page.html();
}

}  // namespace mbm
