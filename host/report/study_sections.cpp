// mbm.decomposition, mbm.compatibility, mbm.search and mbm.network-run.
#include <fmt/format.h>

#include "host/report/metric_rows.hpp"
#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// Noise over signal of every layer, a series for each cause.
Chart noise_chart(const json& layers, const char* place, const std::string& title) {
  Chart chart;
  chart.title = title;
  chart.x.label = "layer";
  chart.y = {"noise power / signal power", true, {}, {}, {}};
  for (const json& layer : layers) {
    const auto index = static_cast<double>(chart.x.names.size());
    chart.x.names.push_back(layer.at("name").get<std::string>());
    for (const auto& [cause, noise] : layer.at(place).at("added").items()) {
      series_of(chart, cause, ChartMark::line_points)
          .points.push_back({index, noise.get<double>()});
    }
  }
  return chart;
}

double percent_of(const json& values, std::size_t metric) {
  return values.at(metric).get<double>();
}

}  // namespace

void add_decomposition(Page& page, const ResultInput& input) {
  const json& result = input.result;
  PageTable table{{"computed with"}, {}, 1};
  for (const std::string& head : metric_heads()) table.head.push_back(head);
  for (const json& stage : result.at("stages")) {
    std::vector<std::string> row{stage.at("stage").get<std::string>()};
    for (std::size_t m = 0; m < stage.at("mean").size(); ++m) {
      row.push_back(rounded(stage.at("mean").at(m), 4) + " ± " +
                    rounded(stage.at("standard_error").at(m), 4));
    }
    table.rows.push_back(std::move(row));
  }
  page.table(table, fmt::format("Metrics of the network as one cause of error after the other is "
                                "switched on in all chosen layers; {} images.",
                                result.at("images").dump()));
  page.chart(noise_chart(result.at("layers"), "alone", "Noise that each cause adds, layer alone"),
             "Power of the change of the layer's output when the cause is switched on, over the "
             "power of the output; all other layers float.");
  page.chart(noise_chart(result.at("layers"), "in_network", "The same inside the network"),
             "All chosen layers have the errors; the change is that of this layer's own causes.");
  for (const ResultPicture& picture : input.pictures) {
    page.picture(picture.png, "error maps of " + picture.name,
                 picture.name +
                     ": the float depth map, then what each cause changes in it; white "
                     "is a tenth of the map's range.");
  }
}

void add_compatibility(Page& page, const ResultInput& input) {
  const json& layers = input.result.at("layers");
  for (std::size_t m = 0; m < input.result.at("metrics").size(); ++m) {
    const auto metric = input.result.at("metrics").at(m).get<std::string>();
    Chart chart;
    chart.title = fmt::format("{}: what the study's printed change is made of", metric);
    chart.x.label = "layer, one at a time";
    chart.y.label = "change against float (%)";
    chart.series = {{"published", ChartMark::bars, {}, false},
                    {"reproduced with all defects", ChartMark::bars, {}, false},
                    {"of it quantisation", ChartMark::bars, {}, false},
                    {"of it the multiplier", ChartMark::bars, {}, false}};
    for (const json& layer : layers) {
      const auto x = static_cast<double>(chart.x.names.size());
      chart.x.names.push_back(layer.at("name").get<std::string>());
      if (layer.contains("published_percent")) {
        chart.series[0].points.push_back({x, percent_of(layer.at("published_percent"), m)});
      }
      chart.series[1].points.push_back({x, percent_of(layer.at("total_percent"), m)});
      chart.series[2].points.push_back({x, percent_of(layer.at("quantization_percent"), m)});
      chart.series[3].points.push_back(
          {x, percent_of(layer.at("shares_percent").at("multiplier"), m)});
    }
    page.chart(chart,
               "Published: as printed, on weights that are not public. Reproduced: on this "
               "network and these images, with the study's defects. Shares are Shapley "
               "values: means over all orders of switching the effects on.");
  }
}

void add_search(Page& page, const ResultInput& input) {
  const json& result = input.result;
  Chart pareto;
  pareto.title = "Accuracy against cost";
  pareto.x.label = "E_w (bit operations an image)";
  pareto.y.label = "largest change of a metric against float (%)";
  ChartSeries set{"Pareto set", ChartMark::line_points, {}, false};
  for (const json& point : result.at("pareto")) {
    set.points.push_back(
        {point.at("energy_of_bits").get<double>(), point.at("loss_percent").get<double>()});
  }
  pareto.series.push_back(std::move(set));
  if (result.contains("chosen")) {
    const json& chosen = result.at("chosen");
    pareto.series.push_back(
        {"chosen",
         ChartMark::points,
         {{chosen.at("energy_of_bits").get<double>(), chosen.at("loss_percent").get<double>()}},
         false});
  }
  page.chart(pareto, fmt::format("Assignments that no other one beats in both; {} evaluated on {} "
                                 "images, budget {} %.",
                                 result.at("evaluations").dump(), result.at("images").dump(),
                                 result.at("budget_percent").dump()));
  PageTable table{{"layer", "chosen"}, {}, 2};
  for (const auto& [layer, losses] : result.at("sensitivity_percent").items()) {
    if (table.rows.empty()) {
      for (const auto& loss : losses.items()) {
        table.head.push_back(loss.key() + " alone: loss (%)");
      }
    }
    std::vector<std::string> row{layer,
                                 result.contains("chosen")
                                     ? result.at("chosen").at("layers").at(layer).get<std::string>()
                                     : "-"};
    for (const auto& loss : losses.items()) row.push_back(rounded(loss.value(), 3));
    table.rows.push_back(std::move(row));
  }
  page.table(table, "The choice, and the loss of each candidate in that layer alone.");
}

void add_network_run(Page& page, const ResultInput& input) {
  const json& columns = input.result.at("columns");
  PageTable table{{"products"}, {}, 1};
  for (const auto& score : columns.at(0).at("mean").items()) {
    const json& units = input.result.at("units");
    table.head.push_back(
        fmt::format("{} ({})", score.key(),
                    units.contains(score.key()) ? units.at(score.key()).get<std::string>() : ""));
  }
  for (const json& column : columns) {
    std::vector<std::string> row{column.at("products_of").get<std::string>()};
    for (const auto& score : column.at("mean").items()) {
      row.push_back(rounded(score.value(), 4) + " ± " +
                    rounded(column.at("standard_error").at(score.key()), 4));
    }
    table.rows.push_back(std::move(row));
  }
  page.table(table, fmt::format("Means over {} images ± standard error.",
                                input.result.at("images").size()));
}

}  // namespace mbm
