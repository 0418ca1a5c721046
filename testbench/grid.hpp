// A clocked grid of processing elements as the C++ side sees it: the ports of
// rtl/array/mbm_array.sv, whichever Verilated configuration stands behind them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace mbm {

struct GridShape {
  int rows = 16;
  int columns = 16;
  int accumulator_depth = 1024;  // output positions that can be under way
};

// Signed operands as the ports want them: bit i of `signs` and byte i of `magnitudes` are operand
// i.
struct OperandVector {
  std::uint64_t signs = 0;
  std::span<const std::uint8_t> magnitudes;
};

// What enters in one cycle. Vectors are ignored unless their flag is set.
struct GridInputs {
  bool weight_load = false;
  OperandVector weights;  // one per column
  bool activation_valid = false;
  bool swap = false;
  bool first = false;
  bool last = false;
  int address = 0;
  OperandVector activations;  // one per row
};

// What leaves: bit c of `valid` says that `sums`[c] is a finished sum.
struct GridOutputs {
  std::uint64_t valid = 0;
  std::span<const std::int32_t> sums;
};

// One instance of the hardware with its own state. An instance is used by one thread at a time;
// different instances are independent.
class Grid {
 public:
  virtual ~Grid() = default;

  virtual const GridShape& shape() const = 0;

  // One clock cycle: applies the inputs, clocks, returns the outputs after the edge. The spans of
  // the result are valid until the next call. Throws Error(device) if an assertion of the Verilog
  // fails, in configurations that were built with them.
  virtual GridOutputs tick(const GridInputs& inputs) = 0;
};

using GridFactory = std::function<std::unique_ptr<Grid>()>;

// Multipliers for which a grid is built in.
const std::vector<std::string_view>& grid_multipliers();

// Factory of 16 x 16 grids that compute with `multiplier`. Throws Error(usage) that names the
// multipliers with a grid if there is none.
GridFactory grid_factory(std::string_view multiplier);

}  // namespace mbm
