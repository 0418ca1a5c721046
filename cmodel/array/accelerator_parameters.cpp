#include "cmodel/array/accelerator_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string_view>

#include "cmodel/array/grid_names.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {

AcceleratorParameters AcceleratorParameters::of_size(std::int64_t rows, std::int64_t columns) {
  AcceleratorParameters parameters;
  parameters.rows = rows;
  parameters.columns = columns;
  parameters.lanes = std::max<std::int64_t>(rows * columns / 32, 1);
  parameters.weight_rows = 8 * rows;
  return parameters;
}

void AcceleratorParameters::validate() const {
  const auto require = [](std::string_view name, std::int64_t value, std::int64_t least,
                          std::int64_t most, bool power_of_two) {
    const bool fits = value >= least && value <= most &&
                      (!power_of_two || std::has_single_bit(static_cast<std::uint64_t>(value)));
    if (fits) return;
    fail(ErrorKind::usage, "accelerator: {} is {}, {}{}..{} expected", name, value,
         power_of_two ? "a power of two in " : "", least, most);
  };
  require("rows", rows, 2, 32, true);
  require("columns", columns, 2, 32, true);
  require("lanes", lanes, 1, columns, true);
  require("bus bytes", bus_bytes, 4, 16, true);
  require("activation depth", activation_depth, 2 * kRingUnit, std::int64_t{1} << 20, true);
  require("weight rows", weight_rows, 2 * rows, 65535, false);
  require("sum depth", sum_depth, 2, 65536, false);
  require("output depth", output_depth, 2, std::int64_t{1} << 22, true);
  require("parameter depth", parameter_depth, columns, 65536, true);
  require("table entries", table_entries, 1, 64, true);
}

std::string AcceleratorParameters::description() const {
  return fmt::format("{}x{} {}, {} lanes, {}-byte bus", rows, columns,
                     kElementKindNames.at(static_cast<std::size_t>(kind)), lanes, bus_bytes);
}

}  // namespace mbm
