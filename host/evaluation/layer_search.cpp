#include "host/evaluation/layer_search.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "host/evaluation/pareto_set.hpp"

namespace mbm {
namespace {

// A layer's change to a cheaper candidate.
struct Step {
  std::size_t layer;
  std::size_t candidate;
  double price;  // additional loss for a unit of cost saved
};

class Search {
 public:
  Search(const SearchProblem& problem, double budget) : problem_(problem), budget_(budget) {}

  SearchPoint evaluate(const Assignment& assignment) {
    const auto known = losses_.find(assignment);
    const double loss = known == losses_.end() ? problem_.loss(assignment) : known->second;
    losses_[assignment] = loss;
    std::int64_t cost = 0;
    for (std::size_t layer = 0; layer < assignment.size(); ++layer) {
      cost += problem_.candidates[assignment[layer]].cost[layer];
    }
    return {assignment, cost, loss};
  }

  bool fits(const SearchPoint& point) const { return point.loss <= budget_; }

  Assignment safest() const {
    Assignment assignment;
    for (const std::vector<double>& losses : problem_.sensitivity) {
      const auto least = std::min_element(losses.begin(), losses.end());
      assignment.push_back(static_cast<std::size_t>(least - losses.begin()));
    }
    return assignment;
  }

  // All steps from `from`, the best first.
  std::vector<Step> steps(const Assignment& from) const {
    std::vector<Step> list;
    for (std::size_t layer = 0; layer < from.size(); ++layer) {
      const std::vector<double>& losses = problem_.sensitivity[layer];
      for (std::size_t c = 0; c < problem_.candidates.size(); ++c) {
        const std::int64_t saved =
            problem_.candidates[from[layer]].cost[layer] - problem_.candidates[c].cost[layer];
        if (saved <= 0) continue;
        list.push_back({layer, c, (losses[c] - losses[from[layer]]) / static_cast<double>(saved)});
      }
    }
    std::sort(list.begin(), list.end(), [](const Step& a, const Step& b) {
      return std::tie(a.price, a.layer, a.candidate) < std::tie(b.price, b.layer, b.candidate);
    });
    return list;
  }

  // `from` after the first `count` steps; a later step of a layer counts only if it is cheaper.
  Assignment apply(const Assignment& from, const std::vector<Step>& list, std::size_t count) const {
    Assignment result = from;
    for (std::size_t i = 0; i < count; ++i) {
      const auto [layer, candidate, price] = list[i];
      const auto cost = [&](std::size_t c) { return problem_.candidates[c].cost[layer]; };
      if (cost(candidate) < cost(result[layer])) result[layer] = candidate;
    }
    return result;
  }

  SearchResult result() const {
    std::vector<SearchPoint> points;
    Search copy = *this;
    for (const auto& [assignment, loss] : losses_) points.push_back(copy.evaluate(assignment));
    SearchResult result;
    result.evaluations = points.size();
    result.pareto = pareto_set(std::move(points), &SearchPoint::cost, &SearchPoint::loss);
    for (const SearchPoint& point : result.pareto) {
      if (!fits(point) || result.found) continue;
      result.found = true;
      result.best = point;
    }
    return result;
  }

  std::size_t evaluations() const { return losses_.size(); }

 private:
  const SearchProblem& problem_;
  double budget_;
  std::map<Assignment, double> losses_;
};

}  // namespace

SearchResult search_assignment(const SearchProblem& problem, double budget,
                               std::size_t refinements) {
  Search search(problem, budget);
  const Assignment start = search.safest();
  const std::vector<Step> steps = search.steps(start);
  SearchPoint best = search.evaluate(start);
  std::size_t fitting = 0;
  std::size_t beyond = steps.size() + 1;
  while (fitting + 1 < beyond) {
    const std::size_t middle = (fitting + beyond) / 2;
    const SearchPoint point = search.evaluate(search.apply(start, steps, middle));
    if (search.fits(point)) {
      best = point;
      fitting = middle;
    } else {
      beyond = middle;
    }
  }
  const std::size_t most = search.evaluations() + refinements;
  for (std::size_t i = fitting; i < steps.size() && search.evaluations() < most; ++i) {
    Assignment trial = best.assignment;
    const auto cost = [&](std::size_t c) { return problem.candidates[c].cost[steps[i].layer]; };
    if (cost(steps[i].candidate) >= cost(trial[steps[i].layer])) continue;
    trial[steps[i].layer] = steps[i].candidate;
    const SearchPoint point = search.evaluate(trial);
    if (search.fits(point) || point.loss <= best.loss) best = point;
  }
  return search.result();
}

}  // namespace mbm
