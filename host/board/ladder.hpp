// The bring-up ladder: steps from the wire to a layer, each of which needs those before it to be
// sound.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/board/serial_device.hpp"

namespace mbm {

enum class Verdict { passed, failed, skipped };

struct StepResult {
  std::string name;
  Verdict verdict = Verdict::passed;
  double seconds = 0;
  std::string detail;  // what was measured, or what was found and what was expected
  std::string hint;    // of a step that failed: where to look
  ErrorKind kind = ErrorKind::mismatch;  // of a step that failed: device if the line itself did
};

struct LadderOptions {
  std::string board = {};     // four letters expected, empty: any
  std::string table = "mbm";  // loaded into a grid of kind lut, whose products it then computes
  std::uint64_t seed = 1;
  int soak = 1;        // random tiles
  bool quick = false;  // products of 16 weights instead of all 256
};

// What a board says of itself.
struct BoardState {
  BoardIdentity identity;
  AcceleratorParameters parameters;
};

// Reads and checks identity, versions and parameters. Throws Error(device) with both values if one
// is not what it should be.
BoardState probe_board(SerialDevice& device, const std::string& expected_board);

// The names of all steps, in order.
std::vector<std::string> ladder_steps();

// Runs the ladder up to the first step that fails; `show` is called with each result. A step that
// a board has not the parts for is skipped. Errors of the line itself make the step fail whose turn
// it is.
std::vector<StepResult> run_ladder(SerialDevice& device, const LadderOptions& options,
                                   const std::function<void(const StepResult&)>& show);

// March C- over the words of the board's memory, and an address in each: what is wrong, or nothing.
std::optional<std::string> test_memory(SerialDevice& device, std::uint32_t bytes);

// Loads a table into a grid of kind lut and returns its CRC-32 as the board computes it. Throws
// Error(mismatch) with both values if it is another one than that of the table.
std::uint32_t load_board_table(SerialDevice& device, const BoardState& state,
                               const ProductTable& table);

// The product a grid computes, as a table: of an array of kind log that of its own logarithm, of
// kind lut that called `name`.
ProductTable board_table(const AcceleratorParameters& parameters, const std::string& name);

}  // namespace mbm
