// The result of mbm run for networks in integers and for digits.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/energy/operation_counts.hpp"
#include "cmodel/network/integer_network.hpp"
#include "host/evaluation/digit_answers.hpp"
#include "host/evaluation/network_study.hpp"

namespace mbm {

struct NetworkResult {
  struct Layer {
    std::string name;
    ConvolutionProblem problem;
  };

  nlohmann::json configuration;  // what makes the result
  std::string network;
  bool is_integer = false;
  bool is_seeded = false;     // random parameters: no scores
  std::vector<Layer> layers;  // that are quantised
  std::size_t network_layers = 0;
  const IntegerNetwork* integer_network = nullptr;  // of the integer arithmetic
  std::vector<std::string> score_names;
  std::vector<std::string> images;
  std::vector<NetworkColumn> columns;
  std::vector<WorstDigit> worst;  // of the last column, worst first
  BitWidths widths;
};

// For a terminal.
std::string network_table(const NetworkResult& result);

// Schema "mbm.network-run", with a unit for every field.
nlohmann::json network_json(const NetworkResult& result);

// A line a column, units in the header.
std::string network_csv(const NetworkResult& result);

}  // namespace mbm
