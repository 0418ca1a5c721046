#include "cmodel/energy/lookup_table.hpp"

#include <algorithm>
#include <cstddef>

namespace mbm {
namespace {

// Between points `low` and low + 1 at `share` of the way; outside 0..1 beyond the ends.
struct Place {
  std::size_t low = 0;
  std::size_t high = 0;
  double share = 0;
};

Place place_of(const std::vector<double>& axis, double value) {
  if (axis.size() < 2) return {};
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, value);
  const auto high = static_cast<std::size_t>(above - axis.begin());
  const double step = axis[high] - axis[high - 1];
  return {high - 1, high, step == 0 ? 0 : (value - axis[high - 1]) / step};
}

}  // namespace

double LookupTable::at(double slew_ns, double load_ff) const {
  if (values.empty()) return 0;
  const Place slew = place_of(slews_ns, slew_ns);
  const Place load = place_of(loads_ff, load_ff);
  const std::size_t columns = std::max<std::size_t>(1, loads_ff.size());
  const auto row = [&](std::size_t index) {
    const double low = values[index * columns + load.low];
    return low + load.share * (values[index * columns + load.high] - low);
  };
  const double low = row(slew.low);
  return low + slew.share * (row(slew.high) - low);
}

}  // namespace mbm
