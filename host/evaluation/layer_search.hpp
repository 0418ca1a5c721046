// The choice of a multiplier for every layer under an accuracy budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mbm {

// A multiplier that a layer may use.
struct SearchCandidate {
  std::string name;
  std::vector<std::int64_t> cost;  // per layer
};

// Index of a candidate per layer.
using Assignment = std::vector<std::size_t>;

struct SearchPoint {
  Assignment assignment;
  std::int64_t cost = 0;
  double loss = 0.0;
};

struct SearchProblem {
  std::size_t layers = 0;
  std::vector<SearchCandidate> candidates;
  // Loss of an assignment, the same for the same one: what the budget limits. Lower is better.
  std::function<double(const Assignment&)> loss;
  // The loss of candidate c in a layer alone; sets the order in which layers are made cheaper.
  std::vector<std::vector<double>> sensitivity;  // [layer][candidate]
};

struct SearchResult {
  bool found = false;               // an assignment within the budget
  SearchPoint best;                 // the cheapest one within the budget
  std::vector<SearchPoint> pareto;  // of all that were evaluated, by rising cost
  std::size_t evaluations = 0;
};

// Starts with the candidate of the least loss in every layer; makes the layer cheaper next that
// saves most cost for its sensitivity; finds by bisection how many such steps fit the budget; then
// tries the remaining steps one by one, for at most `refinements` more evaluations, and keeps those
// that fit.
SearchResult search_assignment(const SearchProblem& problem, double budget,
                               std::size_t refinements);

}  // namespace mbm
