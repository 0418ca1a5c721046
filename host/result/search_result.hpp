// The outcome of a search: what is printed and written as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/evaluation/layer_search.hpp"

namespace mbm {

inline constexpr const char* kSearchSchema = "mbm.search";
inline constexpr int kSearchSchemaVersion = 1;

struct SearchStudy {
  nlohmann::json configuration;
  std::string network;
  std::size_t images = 0;
  double budget = 0.0;  // percent
  std::vector<std::string> layer_names;
  SearchProblem problem;
  SearchResult result;
};

std::string search_table(const SearchStudy& study);

// Schema kSearchSchema.
nlohmann::json search_json(const SearchStudy& study);

}  // namespace mbm
