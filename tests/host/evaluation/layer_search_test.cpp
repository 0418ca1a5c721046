// The search on problems small enough to try every assignment.
#include "host/evaluation/layer_search.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mbm {
namespace {

// Four layers, three candidates; the losses of the layers add up.
SearchProblem additive_problem() {
  SearchProblem problem;
  problem.layers = 4;
  problem.candidates = {
      {"exact", {100, 200, 50, 400}}, {"good", {80, 160, 40, 320}}, {"cheap", {40, 80, 20, 160}}};
  problem.sensitivity = {{0.0, 0.1, 0.5}, {0.0, 0.0, 0.1}, {0.0, 0.2, 2.0}, {0.1, 0.3, 0.4}};
  problem.loss = [sensitivity = problem.sensitivity](const Assignment& assignment) {
    double loss = 0.0;
    for (std::size_t i = 0; i < assignment.size(); ++i) loss += sensitivity[i][assignment[i]];
    return loss;
  };
  return problem;
}

std::int64_t cheapest_by_trying_all(const SearchProblem& problem, double budget) {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  for (std::size_t code = 0; code < 81; ++code) {
    const Assignment assignment{code % 3, code / 3 % 3, code / 9 % 3, code / 27};
    std::int64_t cost = 0;
    for (std::size_t i = 0; i < 4; ++i) cost += problem.candidates[assignment[i]].cost[i];
    if (problem.loss(assignment) <= budget) best = std::min(best, cost);
  }
  return best;
}

TEST(LayerSearch, FindsTheCheapestOfSmallProblems) {
  const SearchProblem problem = additive_problem();
  for (const double budget : {0.1, 0.6, 1.05, 5.0}) {
    const SearchResult result = search_assignment(problem, budget, 100);
    ASSERT_TRUE(result.found) << budget;
    EXPECT_LE(problem.loss(result.best.assignment), budget);
    EXPECT_EQ(result.best.cost, cheapest_by_trying_all(problem, budget)) << budget;
  }
}

TEST(LayerSearch, SaysIfNothingFits) {
  EXPECT_FALSE(search_assignment(additive_problem(), 0.05, 100).found);
}

}  // namespace
}  // namespace mbm
