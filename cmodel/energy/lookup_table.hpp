// Tables of a cell library over input slew and output load.
#pragma once

#include <vector>

namespace mbm {

// Values over a grid: linear interpolation in both directions, and beyond the grid the line through
// the two nearest points, as timing tools do. An axis without points does not matter.
struct LookupTable {
  std::vector<double> slews_ns;  // ascending
  std::vector<double> loads_ff;  // ascending
  std::vector<double> values;    // [slew][load], in the unit of what it holds

  bool empty() const { return values.empty(); }

  // 0 if the table is empty.
  double at(double slew_ns, double load_ff) const;
};

}  // namespace mbm
