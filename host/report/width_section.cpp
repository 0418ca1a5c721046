// mbm.width-sweep
#include <fmt/format.h>

#include "host/report/sections.hpp"
#include "host/result/width_result.hpp"

namespace mbm {

using nlohmann::json;

void add_width_sweep(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.chart(width_chart(result), fmt::format("Accuracy of {} images; {:.4f} without a limit.",
                                              result.at("image_count").dump(),
                                              result.at("accuracy_without_limit").get<double>()));
  page.chart(sums_chart(result), "Sums of products of all images, before bias.");
  const json& widths = result.at("smallest_widths");
  PageTable table{{"layer", "products a sum", "bits of all sums", "bits of partial sums",
                   "bits of the worst case", "smallest width alone", "together"},
                  {},
                  1};
  for (std::size_t i = 0; i < result.at("sums").size(); ++i) {
    const json& sums = result.at("sums").at(i);
    table.rows.push_back({sums.at("layer").get<std::string>(), sums.at("reduction_length").dump(),
                          sums.at("bits_needed").dump(),
                          sums.at("bits_needed_by_partial_sums").dump(),
                          sums.at("worst_case_bits").dump(), widths.at("alone").at(i).dump(),
                          widths.at("together").at(i).dump()});
  }
  page.table(
      table,
      fmt::format("Widths that lose at most {} of the images; together they reach {:.4f}.",
                  widths.at("tolerance").dump(), widths.at("accuracy_together").get<double>()));
}

}  // namespace mbm
