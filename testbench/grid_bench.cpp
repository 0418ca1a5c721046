#include "testbench/grid_bench.hpp"

#include "Vgrid_16x16.h"
#include "Vgrid_2x2.h"
#include "Vgrid_4x8.h"
#include "Vgrid_8x4.h"
#include "testbench/verilated_grid.hpp"

namespace mbm {
namespace {

template <typename Model, int kRows, int kColumns, int kDepth>
std::unique_ptr<Grid> make() {
  return std::make_unique<VerilatedGrid<Model, kRows, kColumns>>(kDepth);
}

}  // namespace

const std::vector<GridBench>& grid_benches() {
  static const std::vector<GridBench> benches = {
      {"2x2 mbm", "mbm", make<Vgrid_2x2, 2, 2, 8>},
      {"4x8 mbm-ref two-stage", "mbm-ref", make<Vgrid_4x8, 4, 8, 16>},
      {"8x4 mitchell", "mitchell", make<Vgrid_8x4, 8, 4, 32>},
      {"16x16 mbm", "mbm", make<Vgrid_16x16, 16, 16, 1024>},
  };
  return benches;
}

}  // namespace mbm
