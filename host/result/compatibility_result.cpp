#include "host/result/compatibility_result.hpp"

#include <fmt/format.h>

#include <optional>

#include "cmodel/common/version.hpp"

namespace mbm {
namespace {

constexpr std::array<std::string_view, kStudyEffects> kShortNames{
    "mbm only", "scales", "patches", "stride", "division", "leftover"};

// The study's own figure, in percent of its own baseline.
std::optional<double> published_change(const std::string& layer, std::size_t metric) {
  const PublishedLayer* published = find_published_layer(layer);
  if (published == nullptr) return std::nullopt;
  const double baseline = kPublishedBaseline[metric];
  return 100.0 * (published->metrics[metric] - baseline) / baseline;
}

std::string row(const std::string& name, std::optional<double> published,
                const EffectShares& shares, std::size_t metric) {
  std::string text =
      fmt::format("{:<14} {:>9} {:>+9.2f} |", name,
                  published ? fmt::format("{:+.2f}", *published) : "-", shares.total[metric]);
  text += fmt::format(" {:>+8.2f}", shares.quantization[metric]);
  for (const DepthMetrics& share : shares.shares) {
    text += fmt::format(" {:>+8.2f}", share[metric]);
  }
  return text + "\n";
}

void accumulate(DepthMetrics& sum, const DepthMetrics& value, double share) {
  for (std::size_t m = 0; m < sum.size(); ++m) sum[m] += share * value[m];
}

std::string metric_table(const CompatibilityResult& result, std::size_t metric) {
  std::string text = fmt::format("\n{} in % of the baseline\n{:<14} {:>9} {:>9} | {:>8}",
                                 kDepthMetricNames[metric], "layer", "published", "here", "quant.");
  for (const std::string_view name : kShortNames) text += fmt::format(" {:>8}", name);
  text += "\n";
  EffectShares mean;
  double published_mean = 0.0;
  bool all_published = true;
  const double share = 1.0 / static_cast<double>(result.layers.size());
  for (const EffectShares& layer : result.layers) {
    const std::optional<double> published = published_change(layer.layer, metric);
    text += row(layer.layer, published, layer, metric);
    all_published = all_published && published;
    published_mean += share * published.value_or(0.0);
    accumulate(mean.total, layer.total, share);
    accumulate(mean.quantization, layer.quantization, share);
    for (std::size_t e = 0; e < kStudyEffects; ++e) {
      accumulate(mean.shares[e], layer.shares[e], share);
    }
  }
  return text + row("mean", all_published ? std::optional<double>(published_mean) : std::nullopt,
                    mean, metric);
}

nlohmann::json layer_json(const EffectShares& layer) {
  nlohmann::json object = {{"name", layer.layer},
                           {"total_percent", layer.total},
                           {"quantization_percent", layer.quantization}};
  for (std::size_t e = 0; e < kStudyEffects; ++e) {
    object["shares_percent"][std::string(kStudyEffectNames[e])] = layer.shares[e];
  }
  nlohmann::json published = nlohmann::json::array();
  for (std::size_t m = 0; m < kDepthMetricNames.size(); ++m) {
    const auto change = published_change(layer.layer, m);
    if (change) published.push_back(*change);
  }
  object["published_percent"] = published;
  return object;
}

}  // namespace

std::string compatibility_table(const CompatibilityResult& result) {
  std::string text = fmt::format(
      "{}: one layer at a time with {} on {} images, as the depth study computed it\n"
      "here = quant. + the shares: of the multiplier, powers of ten as scales, scrambled patches,\n"
      "the ignored stride, division in integers, and the baseline without the images left over.\n"
      "The study had no control: it read the whole as the multiplier's.\n",
      result.network, result.multiplier, result.float_images.size());
  constexpr std::size_t kA1 = 0;
  constexpr std::size_t kRel = 3;
  return text + metric_table(result, kA1) + metric_table(result, kRel);
}

nlohmann::json compatibility_json(const CompatibilityResult& result) {
  nlohmann::json object = result.configuration;
  object["schema"] = "mbm.compatibility";
  object["schema_version"] = 1;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["metrics"] = kDepthMetricNames;
  object["units"] = {{"percent", "% of the float network's metric"}};
  object["images"] = result.float_images.size();
  for (const EffectShares& layer : result.layers) object["layers"].push_back(layer_json(layer));
  return object;
}

}  // namespace mbm
