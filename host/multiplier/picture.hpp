// Pictures of multipliers: a corner of the products for a terminal, a heat map of the signed
// relative error, and the comparison of families.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "host/format/image.hpp"

namespace mbm {

// The products of operands first_a..first_a+7 (rows) and first_b..first_b+7 (columns), each
// followed by its signed error unless it is exact. Both must be at most 248.
std::string product_corner(const ProductTable& table, std::size_t first_a, std::size_t first_b);

// The largest |relative error| of operands from 16 on: the scale of a heat map, on which rounding
// of small products does not drown the rest. At least 0.001.
double heat_map_scale(const ProductTable& table);

// The signed relative error of all products, `pixels` x `pixels` for each: a = 0 is the top row, b
// = 0 the left column. White: exact; red: too large; blue: too small, in full colour at `scale` (a
// ratio) and beyond. Black: a non-zero product of zero.
RgbImage error_heat_map(const ProductTable& table, double scale, std::size_t pixels);

// A multiplier in the comparison.
struct ComparedMultiplier {
  std::string name;
  std::string family;
  double noise_to_signal;      // NSRdnn,g in dB
  std::optional<double> cost;  // on the axis `cost_name`
};

// Costs from CSV "multiplier,COST" with one line each; the second heading names the cost and its
// unit. Throws Error(input).
struct CostList {
  std::string name;
  std::vector<std::pair<std::string, double>> costs;
};
CostList read_costs(const std::string& path);

// An SVG with one point per multiplier, families told apart by colour: noise against cost. Without
// any cost, the multipliers stand in the order of the list. Multipliers without noise (exact ones)
// are drawn at the lower edge.
std::string comparison_svg(const std::vector<ComparedMultiplier>& multipliers,
                           const std::string& cost_name);

}  // namespace mbm
