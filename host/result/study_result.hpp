// The result of a study: what is printed as a table and written as JSON and CSV.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/energy/operation_counts.hpp"
#include "host/evaluation/depth_study.hpp"

namespace mbm {

// A layer as the tables show it.
struct LayerSummary {
  std::string name;
  ConvolutionProblem problem;
  OperationCounts operations;  // an image
  std::int64_t energy_of_bits = 0;
};

struct VariantSummary {
  std::string label;
  std::vector<std::size_t> layers;  // indices into StudyResult::layers
  MetricsSummary control;
  MetricsSummary approximate;
  // Operations and E_w of the variant's layers, an image.
  OperationCounts operations;
  std::int64_t energy_of_bits = 0;
  std::vector<double> saturated_share;  // per layer of it: share of its activations
  // Per layer of it: how the engine computed it, and in how many batches so.
  std::vector<std::map<std::string, std::int64_t>> plans;
};

struct StudyResult {
  nlohmann::json configuration;  // what makes the result: network, data, multiplier, ...
  std::string network;
  std::string multiplier;
  std::vector<LayerSummary> layers;  // of the network
  MetricsSummary exact_float;
  std::vector<VariantSummary> variants;
  std::vector<ImageResult> images;
};

StudyResult make_study_result(nlohmann::json configuration, const Network& network,
                              const std::vector<StudyVariant>& variants,
                              const std::vector<StudyPiece>& pieces, const std::string& multiplier,
                              const BitWidths& widths);

// Relative change in percent, (value - baseline) / baseline, per metric.
DepthMetrics deviation_percent(const DepthMetrics& value, const DepthMetrics& baseline);

// For a terminal: `run` shows one variant in three columns of figures, `sweep` a row per variant.
std::string run_table(const StudyResult& result);
std::string sweep_table(const StudyResult& result);

// Schema "mbm.depth-study", with a unit for every field.
nlohmann::json study_json(const StudyResult& result);

// One line per variant and column (float, control, approximate), units in the header.
std::string study_csv(const StudyResult& result);

}  // namespace mbm
