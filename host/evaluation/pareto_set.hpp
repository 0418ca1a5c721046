// What no alternative beats in both of two figures.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace mbm {

// The points that no other one is at least as good as in both `cost` and `loss`, by rising cost.
// Both are members or functions of a Point, numbers without NaN, lower is better; of points that
// are equal in both the first one stays.
template <typename Point, typename Cost, typename Loss>
std::vector<Point> pareto_set(std::vector<Point> points, Cost cost, Loss loss) {
  std::ranges::stable_sort(points, {}, [&](const Point& point) {
    return std::pair(std::invoke(cost, point), std::invoke(loss, point));
  });
  std::vector<Point> set;
  for (Point& point : points) {
    if (!set.empty() && !(std::invoke(loss, point) < std::invoke(loss, set.back()))) continue;
    set.push_back(std::move(point));
  }
  return set;
}

}  // namespace mbm
