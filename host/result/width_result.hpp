// The result of mbm sweep widths.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/evaluation/width_study.hpp"
#include "host/plot/chart.hpp"

namespace mbm {

struct WidthResult {
  // Accuracy by width of one layer, the others unlimited, or of all layers.
  struct Curve {
    std::string layer;               // "all" first
    std::vector<double> accuracies;  // of the widths fewest, fewest + 1, ...
  };

  nlohmann::json configuration;  // what makes the result
  std::string network;
  std::int64_t images = 0;
  double unlimited = 0.0;  // accuracy
  double tolerance = 0.0;  // share of images that may be lost
  int fewest_bits = 0;
  std::vector<Curve> curves;
  std::vector<LayerSums> sums;
  WidthSearch search;
  double searched = 0.0;  // accuracy with the widths together
  std::vector<ConvolutionProblem> problems;
};

// For a terminal: accuracies by width, recorded sums, smallest widths, E_w; of lenet5 beside what
// the study's report prints.
std::string width_table(const WidthResult& result);

// Schema "mbm.width-sweep", with units.
nlohmann::json width_json(const WidthResult& result);

// A line a width and layer.
std::string width_csv(const WidthResult& result);

// Of width_json(): accuracy by width, and how often sums of what size occur.
Chart width_chart(const nlohmann::json& result);
Chart sums_chart(const nlohmann::json& result);

}  // namespace mbm
