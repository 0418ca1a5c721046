#include <fmt/ranges.h>

#include "Vgrid_mbm.h"
#include "Vgrid_mbm_ref.h"
#include "Vgrid_mitchell.h"
#include "cmodel/common/error.hpp"
#include "sim/grid.hpp"
#include "sim/verilated_grid.hpp"

namespace mbm {
namespace {

template <typename Model>
std::unique_ptr<Grid> make_grid() {
  return std::make_unique<VerilatedGrid<Model, MBM_GRID_ROWS, MBM_GRID_COLUMNS>>(
      MBM_GRID_ACCUMULATOR_DEPTH);
}

}  // namespace

const std::vector<std::string_view>& grid_multipliers() {
  static const std::vector<std::string_view> multipliers = {"mitchell", "mbm", "mbm-ref"};
  return multipliers;
}

GridFactory grid_factory(std::string_view multiplier) {
  if (multiplier == "mitchell") return make_grid<Vgrid_mitchell>;
  if (multiplier == "mbm") return make_grid<Vgrid_mbm>;
  if (multiplier == "mbm-ref") return make_grid<Vgrid_mbm_ref>;
  fail(ErrorKind::usage, "no Verilog grid for multiplier '{}'; expected one of: {}", multiplier,
       fmt::join(grid_multipliers(), ", "));
}

}  // namespace mbm
