// The depth study's table taken apart: what is printed and written as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/evaluation/compatibility.hpp"

namespace mbm {

struct CompatibilityResult {
  nlohmann::json configuration;
  std::string network;
  std::string multiplier;
  EffectSet enabled;
  std::vector<DepthMetrics> float_images;  // per image
  std::vector<EffectShares> layers;
};

// Two tables, of a1 and of rel: a row a layer, beside what the study printed, and their mean.
std::string compatibility_table(const CompatibilityResult& result);

// Schema "mbm.compatibility": all six metrics.
nlohmann::json compatibility_json(const CompatibilityResult& result);

}  // namespace mbm
