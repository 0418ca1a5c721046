// A decomposition over images: what is printed as tables and written as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/evaluation/decomposition.hpp"
#include "host/result/study_result.hpp"

namespace mbm {

struct DecompositionResult {
  nlohmann::json configuration;
  std::string network;
  std::string multiplier;
  bool corrected = false;                // the multiplier has a correction
  std::vector<std::string> layer_names;  // of `layers`
  std::vector<LayerDecomposition> layers;
  std::array<std::vector<DepthMetrics>, kErrorStages> metrics;  // per stage, per image

  // Adds what one image says.
  void add(const ImageDecomposition& image);
};

std::string decomposition_table(const DecompositionResult& result);

// Schema "mbm.decomposition".
nlohmann::json decomposition_json(const DecompositionResult& result);

}  // namespace mbm
