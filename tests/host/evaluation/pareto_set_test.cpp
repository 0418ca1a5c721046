// The Pareto set of points that are enumerated by hand.
#include "host/evaluation/pareto_set.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mbm {
namespace {

struct Choice {
  std::string name;
  double cost;
  double loss;
};

std::string names_of(const std::vector<Choice>& choices) {
  std::string names;
  for (const Choice& choice : pareto_set(choices, &Choice::cost, &Choice::loss)) {
    names += choice.name;
  }
  return names;
}

TEST(ParetoSet, HoldsWhatNothingElseBeatsByRisingCost) {
  EXPECT_EQ(names_of({{"a", 10, 5.0},
                      {"b", 20, 1.0},
                      {"c", 20, 2.0},
                      {"d", 30, 1.0},
                      {"e", 40, 0.5},
                      {"f", 5, 9.0}}),
            "fabe");
}

TEST(ParetoSet, KeepsTheFirstOfEqualPoints) {
  EXPECT_EQ(names_of({{"a", 1, 1}, {"b", 1, 1}, {"c", 1, 0.5}, {"d", 1, 0.5}}), "c");
  EXPECT_EQ(names_of({{"a", 1, 1}, {"b", 1, 1}}), "a");
  EXPECT_EQ(names_of({}), "");
}

}  // namespace
}  // namespace mbm
