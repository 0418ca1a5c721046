// A study as JSON and CSV.
#include <fmt/format.h>

#include "cmodel/common/version.hpp"
#include "host/result/study_result.hpp"

namespace mbm {
namespace {

using nlohmann::json;

json metrics_json(const DepthMetrics& metrics) {
  json object;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    object[std::string(kDepthMetricNames[m])] = metrics[m];
  }
  return object;
}

json summary_json(const MetricsSummary& summary) {
  return {{"mean", metrics_json(summary.mean)},
          {"standard_error", metrics_json(summary.standard_error)}};
}

json units_json() {
  return {{"a1", "share of pixels"},
          {"a2", "share of pixels"},
          {"a3", "share of pixels"},
          {"rel", "ratio"},
          {"rms", "m"},
          {"log10", "log10 of a ratio"},
          {"percent", "%"},
          {"deviation.standard_error", "%"},
          {"products", "operations an image"},
          {"additions", "operations an image"},
          {"energy_of_bits", "bit operations an image"},
          {"saturated_share", "share of activations"},
          {"plans", "batches that the engine computed so"}};
}

json deviation_json(const Deviation& deviation) {
  return {{"percent", metrics_json(deviation.percent)},
          {"standard_error", metrics_json(deviation.standard_error)}};
}

json variant_json(const StudyResult& result, const VariantSummary& variant) {
  json layers = json::array();
  for (std::size_t i = 0; i < variant.layers.size(); ++i) {
    layers.push_back({{"name", result.layers[variant.layers[i]].name},
                      {"saturated_share", variant.saturated_share[i]},
                      {"plans", variant.plans[i]}});
  }
  json columns = json::array();
  for (std::size_t c = 0; c < variant.columns.size(); ++c) {
    columns.push_back(
        {{"multiplier", result.columns[c]},
         {"metrics", summary_json(variant.columns[c].metrics)},
         {"deviation_from_float", deviation_json(variant.columns[c].from_float)},
         {"deviation_from_control", deviation_json(variant.columns[c].from_control)}});
  }
  return {{"label", variant.label},
          {"layers", layers},
          {"control", summary_json(variant.control)},
          {"control_deviation_from_float", deviation_json(variant.control_from_float)},
          {"columns", columns},
          {"products", variant.operations.products},
          {"additions", variant.operations.additions},
          {"energy_of_bits", variant.energy_of_bits}};
}

// One image a line, metrics in the order of "metrics".
std::string images_text(const StudyResult& result) {
  std::string text;
  for (const ImageResult& image : result.images) {
    json variants = json::array();
    for (const VariantMetrics& variant : image.variants) {
      variants.push_back({{"control", variant.control}, {"columns", variant.columns}});
    }
    const json line = {
        {"image", image.image}, {"float", image.exact_float}, {"variants", variants}};
    text += fmt::format("{}    {}", text.empty() ? "" : ",\n", line.dump());
  }
  return text;
}

std::string csv_row(const std::string& label, const char* column, const MetricsSummary& summary,
                    std::size_t images, const VariantSummary* variant) {
  std::string row = fmt::format("{},{},{}", label, column, images);
  for (const double value : summary.mean) row += fmt::format(",{}", value);
  for (const double value : summary.standard_error) row += fmt::format(",{}", value);
  if (variant == nullptr) return row + ",,\n";
  return row + fmt::format(",{},{}\n", variant->operations.products, variant->energy_of_bits);
}

}  // namespace

std::string study_json(const StudyResult& result) {
  json object = result.configuration;
  object["schema"] = "mbm.depth-study";
  object["schema_version"] = 2;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["units"] = units_json();
  object["metrics"] = kDepthMetricNames;
  object["float"] = summary_json(result.exact_float);
  object["variants"] = json::array();
  for (const VariantSummary& variant : result.variants) {
    object["variants"].push_back(variant_json(result, variant));
  }
  object["network_layers"] = json::array();
  for (const LayerSummary& layer : result.layers) {
    object["network_layers"].push_back({{"name", layer.name},
                                        {"problem", layer.problem.description()},
                                        {"products", layer.operations.products},
                                        {"additions", layer.operations.additions},
                                        {"energy_of_bits", layer.energy_of_bits}});
  }
  std::string text = object.dump(2);
  text.erase(text.rfind("\n}"));
  return text + ",\n  \"images\": [\n" + images_text(result) + "\n  ]\n}\n";
}

std::string study_csv(const StudyResult& result) {
  std::string text = "layers,products of,images";
  for (const std::string_view name : kDepthMetricNames) {
    text += fmt::format(",{}{}", name, name == "rms" ? " (m)" : "");
  }
  for (const std::string_view name : kDepthMetricNames) {
    text += fmt::format(",{} standard error{}", name, name == "rms" ? " (m)" : "");
  }
  text += ",products an image,E_w an image (bit operations)\n";
  const std::size_t images = result.images.size();
  text += csv_row("none", "float", result.exact_float, images, nullptr);
  for (const VariantSummary& variant : result.variants) {
    text += csv_row(variant.label, "exact", variant.control, images, &variant);
    for (std::size_t c = 0; c < result.columns.size(); ++c) {
      text += csv_row(variant.label, result.columns[c].c_str(), variant.columns[c].metrics, images,
                      &variant);
    }
  }
  return text;
}

}  // namespace mbm
