// Small Verilated grids with their assertions, in sizes, kinds and pipelines that differ.
#pragma once

#include <string>
#include <vector>

#include "testbench/grid.hpp"

namespace mbm {

struct GridBench {
  std::string name;        // "4x8 mbm-ref two-stage"
  std::string multiplier;  // name of the product table that it computes with
  GridFactory factory;
};

const std::vector<GridBench>& grid_benches();

}  // namespace mbm
