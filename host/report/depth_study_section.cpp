// mbm.depth-study: what mbm run and mbm sweep found.
#include <fmt/format.h>

#include "host/evaluation/depth_metrics.hpp"
#include "host/report/metric_rows.hpp"
#include "host/report/sections.hpp"

namespace mbm {
namespace {

using nlohmann::json;

constexpr const char* kChange = "change against float (%)";
constexpr const char* kControl = "control (exact products)";

std::string images_text(const json& result) {
  const json& range = result.at("images_range");
  return fmt::format("{} images",
                     range.at(1).get<std::int64_t>() - range.at(0).get<std::int64_t>());
}

void add_variant(Page& page, const json& result, const json& variant) {
  PageTable values{{""}, {value_row("float", result.at("float"))}, 1};
  PageTable changes{{""}, {}, 1};
  for (const std::string& head : metric_heads()) {
    values.head.push_back(head);
    changes.head.push_back(head.substr(0, head.find(' ')) + " (%)");
  }
  const json& control = variant.at("control_deviation_from_float");
  values.rows.push_back(value_row(kControl, variant.at("control")));
  changes.rows.push_back(change_row(kControl, control));
  Chart chart;
  chart.title =
      fmt::format("Layers {}: change of the six metrics", variant.at("label").get<std::string>());
  chart.x.names = metric_heads();
  chart.y.label = kChange;
  chart.series.push_back(change_bars(kControl, control));
  for (const json& column : variant.at("columns")) {
    const auto name = column.at("multiplier").get<std::string>();
    values.rows.push_back(value_row(name, column.at("metrics")));
    changes.rows.push_back(change_row(name, column.at("deviation_from_float")));
    chart.series.push_back(change_bars(name, column.at("deviation_from_float")));
  }
  page.table(values, fmt::format("Means over {} ± standard error. a1 to a3: higher is better, the "
                                 "others: lower.",
                                 images_text(result)));
  page.chart(chart,
             "Change against the float network, (value - float) / float; lines: standard error of "
             "the paired differences over the images. The control has the same quantisation with "
             "exact products: what is beyond it is the multiplier's.");
  page.table(changes, "The same as a table, change against float in % ± standard error.", true);
}

// The study's "layer vs error metric" graphs: one for each metric.
void add_layer_charts(Page& page, const json& result) {
  const json& variants = result.at("variants");
  const std::vector<std::string> heads = metric_heads();
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    const std::string metric(kDepthMetricNames[m]);
    Chart chart;
    chart.title = fmt::format("{}: one layer at a time", metric);
    chart.x.label = "the layer that is quantised and approximated, all others float";
    chart.y.label = kChange;
    chart.series.push_back({kControl, ChartMark::bars, {}, false});
    for (const json& entry : variants.at(0).at("columns")) {
      chart.series.push_back(
          {entry.at("multiplier").get<std::string>(), ChartMark::bars, {}, false});
    }
    const auto add = [&](std::size_t series, std::size_t layer, const json& deviation) {
      chart.series[series].points.push_back(
          {static_cast<double>(layer),
           deviation.at("percent").at(metric).get<double>(),
           deviation.at("standard_error").at(metric).get<double>(),
           {}});
    };
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const json& variant = variants.at(v);
      chart.x.names.push_back(variant.at("label").get<std::string>());
      add(0, v, variant.at("control_deviation_from_float"));
      for (std::size_t c = 0; c < variant.at("columns").size(); ++c) {
        add(c + 1, v, variant.at("columns").at(c).at("deviation_from_float"));
      }
    }
    page.chart(chart, fmt::format("Change of {} against the float network, means over {}; lines: "
                                  "standard error over the images.",
                                  heads[m], images_text(result)));
  }
}

void add_layers(Page& page, const json& result) {
  PageTable table{{"layer", "shape", "products an image", "E_w (bit operations an image)"}, {}, 2};
  for (const json& layer : result.at("network_layers")) {
    table.rows.push_back({layer.at("name").get<std::string>(),
                          layer.at("problem").get<std::string>(), layer.at("products").dump(),
                          layer.at("energy_of_bits").dump()});
  }
  page.table(table, "Convolutions of the network", true);
}

void add_depth_maps(Page& page, const ResultInput& input) {
  for (const ResultPicture& picture : input.pictures) {
    page.picture(picture.png, "depth maps of " + picture.name,
                 picture.name +
                     ": picture, ground truth, float, control, approximate, and the "
                     "error |approximate - float|.");
    if (picture.description.is_null()) continue;
    const auto metres = [&](const char* key) {
      return fmt::format("{:.2f} m", picture.description.at(key).get<double>());
    };
    page.color_scale("#fffacd, #fdae61, #d74a5d, #682d80, #120f3c", "depth: " + metres("nearest"),
                     metres("farthest"));
    page.color_scale("#000000, #be3228, #ffffff", "error: 0 m", metres("largest_error"));
  }
}

}  // namespace

void add_depth_study(Page& page, const ResultInput& input) {
  const json& variants = input.result.at("variants");
  if (variants.size() == 1) {
    add_variant(page, input.result, variants.at(0));
  } else {
    add_layer_charts(page, input.result);
  }
  add_depth_maps(page, input);
  add_layers(page, input.result);
}

}  // namespace mbm
