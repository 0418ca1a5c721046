// Rooflines: what was reached under what array and memory allow (Williams et al., CACM 2009, in
// products and clock cycles).
#pragma once

#include <string>
#include <vector>

#include "host/plot/chart.hpp"

namespace mbm {

struct RooflinePoint {
  std::string name;
  double products_per_byte = 0.0;
  double products_per_cycle = 0.0;
};

struct Roofline {
  std::string title;
  std::string what;                     // the points are, for the legend
  double peak = 0.0;                    // products a cycle of the array
  std::vector<double> bytes_per_cycle;  // a roof for each
  std::vector<RooflinePoint> points{};  // those without products are left out
  bool named = true;                    // names stand beside their points
};

// Both axes logarithmic, roofs from half the least intensity to twice the largest.
Chart roofline_chart(const Roofline& roofline);

}  // namespace mbm
