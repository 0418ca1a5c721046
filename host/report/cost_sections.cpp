// mbm.cost-area, mbm.cost-energy, mbm.cost-components, mbm.cost-network and mbm.cost-comparison.
#include <fmt/format.h>

#include "host/cost/cost_charts.hpp"
#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

std::string ratio_or_dash(const json& value) {
  return value.is_null() ? "-" : rounded(value, 3);
}

std::string library_of(const json& result) {
  return fmt::format("Library {}, {}; before placement.",
                     result.at("library").at("name").get<std::string>(),
                     result.at("tools").get<std::string>());
}

// Energies of an image of all layers, by component, J.
std::vector<std::pair<std::string, double>> energies_of(const json& result) {
  std::vector<std::pair<std::string, double>> sums;
  for (const auto& [component, energy] : result.at("layers").at(0).at("energy").items()) {
    double sum = 0.0;
    for (const json& layer : result.at("layers")) {
      sum += layer.at("energy").at(component).get<double>();
    }
    sums.emplace_back(component, sum * 1e-15);
  }
  return sums;
}

}  // namespace

void add_cost_area(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.paragraph(result.at("module").get<std::string>() + ". " + library_of(result));
  const json& mappings = result.at("mappings");
  if (mappings.size() > 1) {
    page.chart(timing_chart(result), "Mappings that no other one beats in both.");
  }
  PageTable table{
      {"recipe", "area (um2)", "area (NAND2)", "registers (um2)", "period (ns)"}, {}, 1};
  for (const json& mapping : mappings) {
    table.rows.push_back({mapping.at("recipe").get<std::string>(), rounded(mapping.at("area"), 1),
                          rounded(mapping.at("nand2_equivalents"), 1),
                          rounded(mapping.at("register_area"), 1),
                          rounded(mapping.at("period"), 3)});
  }
  page.table(table, "Areas; clocks by static timing analysis.");
}

void add_cost_energy(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.paragraph(library_of(result));
  page.chart(energy_chart(result),
             "From the activity of the mapped netlist on these operands, with glitches.");
  PageTable table{{"design", "operands", "area (um2)", "period (ns)", "energy (pJ)",
                   "without glitches (pJ)", "clock pins (pJ)", "new weight (pJ)", "idle (pJ)"},
                  {},
                  2};
  for (const json& row : result.at("designs")) {
    const json& timed = row.at("library_delays");
    table.rows.push_back({row.at("design").get<std::string>(),
                          row.at("operands").get<std::string>(), rounded(row.at("area"), 1),
                          rounded(row.at("period"), 3),
                          rounded(timed.at("operation").at("total"), 3, 1e-3),
                          rounded(row.at("zero_delay").at("operation").at("total"), 3, 1e-3),
                          rounded(timed.at("operation").at("clock"), 3, 1e-3),
                          rounded(timed.at("new_weight").at("total"), 3, 1e-3),
                          rounded(timed.at("idle_cycle").at("total"), 3, 1e-3)});
  }
  constexpr std::size_t kRowsInSight = 16;
  page.table(table, "Energies of one operation, of taking a new weight, of a cycle without one.",
             table.rows.size() > kRowsInSight);
}

void add_cost_components(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.paragraph(fmt::format("{}; period {} ns, {} mm2. {}",
                             result.at("accelerator").get<std::string>(),
                             rounded(result.at("period"), 3),
                             rounded(result.at("total_area"), 3, 1e-6), library_of(result)));
  PageTable table{{"component", "event", "method", "source", "count", "area of one (um2)",
                   "energy of the event (pJ)"},
                  {},
                  4};
  for (const json& entry : result.at("components")) {
    table.rows.push_back({entry.at("component").get<std::string>(),
                          entry.at("event").get<std::string>(),
                          entry.at("method").get<std::string>(),
                          entry.at("source").get<std::string>(), entry.at("count").dump(),
                          rounded(entry.at("area"), 1), rounded(entry.at("energy"), 3, 1e-3)});
  }
  page.table(table, "Every component with its method and source.");
}

void add_cost_network(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.paragraph(fmt::format(
      "{}; period {} ns, {} mm2. An image: {} uJ ({} uJ without DRAM), {} ms; {} TOPS/W, {} "
      "TOPS/mm2, {} inferences a joule; two operations a product. {}",
      result.at("accelerator").get<std::string>(), rounded(result.at("period"), 3),
      rounded(result.at("area"), 3), rounded(result.at("total").at("energy_per_image"), 2, 1e6),
      rounded(result.at("without_dram").at("energy_per_image"), 2, 1e6),
      rounded(result.at("time_per_image"), 3, 1e3),
      rounded(result.at("total").at("tops_per_watt"), 4), rounded(result.at("tops_per_mm2"), 5),
      rounded(result.at("total").at("inferences_per_joule"), 3), library_of(result)));
  page.chart(network_energy_chart(result), "Convolutions, by component.");
  PageTable components{{"component", "energy of an image (uJ)", "share (%)"}, {}, 1};
  const auto total = result.at("total").at("energy_per_image").get<double>();
  for (const auto& [component, joules] : energies_of(result)) {
    components.rows.push_back({component, fmt::format("{:.3f}", joules * 1e6),
                               fmt::format("{:.2f}", 100.0 * joules / total)});
  }
  page.table(components, "All layers.");
  PageTable layers{{"layer", "products", "cycles", "E_w (bit operations)"}, {}, 1};
  for (const json& layer : result.at("layers")) {
    layers.rows.push_back({layer.at("layer").get<std::string>(), layer.at("products").dump(),
                           layer.at("cycles").dump(), layer.at("bit_energy").dump()});
  }
  page.table(layers, "Counts that the energies were multiplied by, and E_w beside them", true);
}

void add_cost_comparison(Page& page, const ResultInput& input) {
  const json& result = input.result;
  page.chart(comparison_chart(result, ComparedCost::energy),
             "Bars: a standard error over the images up and down; energies on the layers' own "
             "operands, with glitches.");
  page.chart(comparison_chart(result, ComparedCost::area), "The same against area.");
  PageTable table{
      {"design", "products of", "range", "metric", "bits", "loss (%)", "± (%)", "area (um2)",
       "period (ns)", "energy (pJ)", "area over exact", "energy over exact"},
      {},
      4};
  for (const json& row : result.at("designs")) {
    const bool known = row.contains("accuracy");
    const json accuracy = known ? row.at("accuracy") : json::object();
    table.rows.push_back(
        {row.at("design").get<std::string>(),
         known ? accuracy.at("products_of").get<std::string>() : "-",
         row.at("activation_range").get<std::string>(),
         known ? accuracy.at("metric").get<std::string>() : "-", row.at("operand_bits").dump(),
         known ? rounded(accuracy.at("loss"), 3) : "-",
         known ? rounded(accuracy.at("standard_error"), 3) : "-", rounded(row.at("area"), 0),
         rounded(row.at("period"), 2), rounded(row.at("energy"), 2, 1e-3),
         ratio_or_dash(row.at("area_over_exact")), ratio_or_dash(row.at("energy_over_exact"))});
  }
  page.table(table,
             "Loss: largest change of a metric for the worse against float, of the correction that "
             "loses least. Over exact: against the smallest and the most frugal exact design that "
             "may be as accurate.");
  for (const char* kind : {"accuracy", "cost"}) {
    for (const json& source : result.at("sources").at(kind)) {
      page.paragraph(fmt::format("{}: {}", kind, source.at("file").get<std::string>()));
    }
  }
}

}  // namespace mbm
