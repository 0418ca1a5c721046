#include "host/result/width_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cmodel/common/version.hpp"
#include "host/evaluation/published_lenet5.hpp"

namespace mbm {
namespace {

using nlohmann::json;

bool is_the_study(const std::string& network, std::size_t convolutions) {
  return network == "lenet5" && convolutions == kPublishedLeNet5Layers.size();
}

bool is_the_study(const WidthResult& result) {
  return is_the_study(result.network, result.problems.size());
}

int last_bits(const WidthResult& result) {
  return result.fewest_bits + static_cast<int>(result.curves.front().accuracies.size()) - 1;
}

std::optional<double> published_accuracy(int bits) {
  for (const PublishedLeNet5Accuracy& row : kPublishedLeNet5Accuracies) {
    if (row.bits == bits) return row.accuracy;
  }
  return std::nullopt;
}

std::string accuracy_rows(const WidthResult& result) {
  const bool study = is_the_study(result);
  std::string text = fmt::format("{:>5}", "bits");
  for (const WidthResult::Curve& curve : result.curves) text += fmt::format(" {:>8}", curve.layer);
  text += study ? fmt::format(" {:>13}\n", "report, all") : "\n";
  for (int bits = result.fewest_bits; bits <= last_bits(result); ++bits) {
    text += fmt::format("{:>5}", bits);
    for (const WidthResult::Curve& curve : result.curves) {
      text += fmt::format(" {:>8.4f}",
                          curve.accuracies[static_cast<std::size_t>(bits - result.fewest_bits)]);
    }
    const std::optional<double> published = published_accuracy(bits);
    text += study && published ? fmt::format(" {:>13.4f}\n", *published) : "\n";
  }
  return text;
}

std::string sums_rows(const WidthResult& result) {
  std::string text =
      fmt::format("{:<10} {:>9} {:>9} {:>10} {:>5} {:>10} {:>10} {:>5} {:>6}\n", "sums", "min",
                  "max", "std. dev.", "bits", "min partly", "max partly", "bits", "worst");
  for (const LayerSums& sums : result.sums) {
    text += fmt::format("{:<10} {:>9} {:>9} {:>10.2f} {:>5} {:>10} {:>10} {:>5} {:>6}\n",
                        sums.layer, sums.smallest, sums.largest, sums.deviation,
                        sums.bits_of_sums(), sums.smallest_partial, sums.largest_partial,
                        sums.bits_of_partial_sums(), sums.worst_case_bits());
  }
  if (!is_the_study(result)) return text;
  text += "the report's, of its own weights:\n";
  for (const PublishedLeNet5Layer& layer : kPublishedLeNet5Layers) {
    text += fmt::format("{:<10} {:>9} {:>9} {:>10.2f} {:>5} {:>10} {:>10} {:>5} {:>6}\n",
                        layer.name, layer.smallest, layer.largest, layer.deviation,
                        layer.bits_needed, "", "", "", layer.worst_case_bits);
  }
  return text;
}

std::string search_rows(const WidthResult& result) {
  std::string text = fmt::format("smallest widths that lose at most {:.2f} points of {:.2f} %:\n",
                                 100 * result.tolerance, 100 * result.unlimited);
  text += fmt::format("{:<28}", "");
  for (const LayerSums& sums : result.sums) text += fmt::format(" {:>7}", sums.layer);
  text += fmt::format(" {:>9}\n{:<28}", "accuracy", "each alone");
  for (const int bits : result.search.alone) text += fmt::format(" {:>7}", bits);
  text += fmt::format("\n{:<28}", "together");
  for (const int bits : result.search.together) text += fmt::format(" {:>7}", bits);
  text += fmt::format(" {:>9.4f}\n", result.searched);
  if (!is_the_study(result)) return text;
  text += fmt::format("{:<28}", "the report's choice");
  for (const PublishedLeNet5Layer& layer : kPublishedLeNet5Layers) {
    text += fmt::format(" {:>7}", layer.chosen_bits);
  }
  return text + "\n";
}

// Widths that E_w is stated for.
struct EnergyRow {
  std::string name;
  std::vector<int> bits;
};

std::vector<EnergyRow> energy_widths(const WidthResult& result) {
  const std::size_t layers = result.problems.size();
  const auto uniform = [&](int bits) {
    return EnergyRow{fmt::format("{} bits everywhere", bits), std::vector<int>(layers, bits)};
  };
  std::vector<EnergyRow> rows{uniform(kPublishedLeNet5UniformBits)};
  if (is_the_study(result)) {
    EnergyRow chosen{"the report's choice", {}};
    for (const PublishedLeNet5Layer& layer : kPublishedLeNet5Layers) {
      chosen.bits.push_back(layer.chosen_bits);
    }
    rows.push_back(std::move(chosen));
    rows.push_back(uniform(kPublishedLeNet5UniformBits - 1));
  }
  rows.push_back({"smallest widths together", result.search.together});
  return rows;
}

std::string energy_rows(const WidthResult& result) {
  std::string text = fmt::format("E_w in bit operations, a batch of {}, 8-bit products\n{:<28}",
                                 kPublishedLeNet5Batch, "");
  for (const LeNet5Counting& counting : kLeNet5Countings) {
    text += fmt::format(" {:>36}", counting.name);
  }
  for (const EnergyRow& row : energy_widths(result)) {
    text += fmt::format("\n{:<28}", row.name);
    for (const LeNet5Counting& counting : kLeNet5Countings) {
      text += fmt::format(" {:>36}", lenet5_energy(result.problems, row.bits, counting));
    }
  }
  return text + "\n";
}

json energy_json(const WidthResult& result) {
  json rows = json::array();
  for (const EnergyRow& row : energy_widths(result)) {
    json entry = {{"widths", row.name}, {"accumulator_bits", row.bits}};
    for (const LeNet5Counting& counting : kLeNet5Countings) {
      entry["energy_of_bits"][std::string(counting.name)] =
          lenet5_energy(result.problems, row.bits, counting);
    }
    rows.push_back(std::move(entry));
  }
  return rows;
}

json histogram_json(const SumHistogram& histogram) {
  const auto& counts = histogram.counts();
  const auto used = [](std::int64_t count) { return count != 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), used);
  const auto last = std::find_if(counts.rbegin(), counts.rend(), used).base();
  return {{"bin_width", histogram.bin_width()},
          {"first_bin_from", histogram.lowest() + (first - counts.begin()) * histogram.bin_width()},
          {"counts",
           first < last ? std::vector<std::int64_t>(first, last) : std::vector<std::int64_t>{}}};
}

json sums_json(const LayerSums& sums) {
  return {{"layer", sums.layer},
          {"reduction_length", sums.reduction_length},
          {"sums", sums.count},
          {"smallest", sums.smallest},
          {"largest", sums.largest},
          {"mean", sums.mean},
          {"standard_deviation", sums.deviation},
          {"bits_needed", sums.bits_of_sums()},
          {"smallest_partial_sum", sums.smallest_partial},
          {"largest_partial_sum", sums.largest_partial},
          {"bits_needed_by_partial_sums", sums.bits_of_partial_sums()},
          {"worst_case_bits", sums.worst_case_bits()},
          {"histogram", histogram_json(sums.histogram)}};
}

}  // namespace

std::string width_table(const WidthResult& result) {
  return fmt::format(
      "{}: accuracy of {} images by the width of the accumulators ({:.4f} without a limit)\n{}\n"
      "{}\n{}\n{}",
      result.network, result.images, result.unlimited, accuracy_rows(result), sums_rows(result),
      search_rows(result), energy_rows(result));
}

json width_json(const WidthResult& result) {
  json object = result.configuration;
  object["schema"] = "mbm.width-sweep";
  object["schema_version"] = 1;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["units"] = {{"accuracy", "share of images"},
                     {"bits", "bits"},
                     {"sums", "count"},
                     {"energy_of_bits", "bit operations a batch of 4"}};
  object["image_count"] = result.images;
  object["accuracy_without_limit"] = result.unlimited;
  object["curves"] = json::array();
  for (const WidthResult::Curve& curve : result.curves) {
    object["curves"].push_back({{"layer", curve.layer},
                                {"first_bits", result.fewest_bits},
                                {"accuracy", curve.accuracies}});
  }
  object["sums"] = json::array();
  for (const LayerSums& sums : result.sums) object["sums"].push_back(sums_json(sums));
  object["smallest_widths"] = {{"tolerance", result.tolerance},
                               {"alone", result.search.alone},
                               {"together", result.search.together},
                               {"accuracy_together", result.searched}};
  object["energy_of_bits"] = energy_json(result);
  return object;
}

std::string width_csv(const WidthResult& result) {
  std::string text = "layer,bits,accuracy (share of images)\n";
  for (const WidthResult::Curve& curve : result.curves) {
    for (std::size_t i = 0; i < curve.accuracies.size(); ++i) {
      text += fmt::format("{},{},{}\n", curve.layer, result.fewest_bits + static_cast<int>(i),
                          curve.accuracies[i]);
    }
  }
  return text;
}

Chart width_chart(const json& result) {
  Chart chart{.title = result.at("network").get<std::string>() + ": accuracy by accumulator width",
              .x = {.label = "bits of the accumulators"},
              .y = {.label = "accuracy (share of images)", .low = 0.0, .high = 1.0},
              .series = {},
              .notes = {}};
  for (const json& curve : result.at("curves")) {
    const auto layer = curve.at("layer").get<std::string>();
    const bool all = layer == "all";
    ChartSeries series{.name = all ? "all layers" : "only " + layer,
                       .mark = all ? ChartMark::line_points : ChartMark::line};
    auto bits = curve.at("first_bits").get<double>();
    for (const json& accuracy : curve.at("accuracy")) {
      series.points.push_back({.x = bits++, .y = accuracy.get<double>()});
    }
    chart.series.push_back(std::move(series));
  }
  if (is_the_study(result.at("network"), result.at("sums").size())) {
    ChartSeries published{.name = "report, all layers", .mark = ChartMark::points};
    for (const PublishedLeNet5Accuracy& row : kPublishedLeNet5Accuracies) {
      published.points.push_back({.x = static_cast<double>(row.bits), .y = row.accuracy});
    }
    chart.series.push_back(std::move(published));
  }
  return chart;
}

Chart sums_chart(const json& result) {
  Chart chart{
      .title = result.at("network").get<std::string>() + ": how often sums of what size occur",
      .x = {.label = "sum of products"},
      .y = {.label = "share of the layer's sums", .logarithmic = true},
      .series = {},
      .notes = {}};
  for (const json& sums : result.at("sums")) {
    ChartSeries series{.name = sums.at("layer").get<std::string>(), .mark = ChartMark::line};
    const json& histogram = sums.at("histogram");
    const auto width = histogram.at("bin_width").get<double>();
    double middle = histogram.at("first_bin_from").get<double>() + 0.5 * width;
    for (const json& count : histogram.at("counts")) {
      series.points.push_back(
          {.x = middle, .y = count.get<double>() / sums.at("sums").get<double>()});
      middle += width;
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

}  // namespace mbm
