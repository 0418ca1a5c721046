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

// A mean over images, its relative change from a baseline in percent, (value - baseline) /
// baseline, and the standard error of that change over the images, whose pairs of values vary less
// than the values do.
struct Deviation {
  DepthMetrics percent{};
  DepthMetrics standard_error{};
};

// One multiplier on one variant.
struct ColumnSummary {
  MetricsSummary metrics;
  Deviation from_float;
  Deviation from_control;
};

struct VariantSummary {
  std::string label;
  std::vector<std::size_t> layers;  // indices into StudyResult::layers
  MetricsSummary control;
  Deviation control_from_float;
  std::vector<ColumnSummary> columns;  // per multiplier
  // Operations and E_w of the variant's layers, an image.
  OperationCounts operations;
  std::int64_t energy_of_bits = 0;
  std::vector<double> saturated_share;  // per layer of it: share of its activations
  // Per layer of it: how the engine computed it, and in how many batches so.
  std::vector<std::map<std::string, std::int64_t>> plans;
};

struct StudyResult {
  nlohmann::json configuration;  // what makes the result: network, data, multipliers, ...
  std::string network;
  std::vector<std::string> columns;  // multipliers
  std::vector<LayerSummary> layers;  // of the network
  MetricsSummary exact_float;
  std::vector<VariantSummary> variants;
  std::vector<ImageResult> images;
};

// The layers of a network with their operations.
std::vector<LayerSummary> summarize_layers(const Network& network, const BitWidths& widths);

// `pieces` hold every variant on every image once, in any order.
StudyResult make_study_result(nlohmann::json configuration, const Network& network,
                              const std::vector<StudyVariant>& variants,
                              std::vector<StudyPiece> pieces,
                              const std::vector<std::string>& columns, const BitWidths& widths);

// Deviation of the means of pairs of values of the same images.
Deviation deviation(const std::vector<DepthMetrics>& values,
                    const std::vector<DepthMetrics>& baselines);

// For a terminal: `run` shows one variant in full, `sweep` a few rows per variant.
std::string run_table(const StudyResult& result);
std::string sweep_table(const StudyResult& result);

// Schema "mbm.depth-study", with a unit for every field; one line an image at the end.
std::string study_json(const StudyResult& result);

// One line per variant and column (float, control, each multiplier), units in the header.
std::string study_csv(const StudyResult& result);

}  // namespace mbm
