// Programs of the compute core, and a runner that does what lies around it: it feeds operands,
// weights and commands and reads results.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "cmodel/array/command_record.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/quantization/requantization.hpp"
#include "testbench/core_bench.hpp"

namespace mbm::test {

// Activations of one tensor in the scratchpad: rows y of height * width * channels in a ring.
struct ScratchpadTensor {
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t channels = 1;
  std::vector<std::int16_t> codes;  // height, width, channels
  int ring_base = 0;                // units of 16 elements
  int ring_rows = 1;                // at least height
  int first_slot = 0;               // of row 0 in the ring

  int pitch() const { return static_cast<int>((width * channels + 15) / 16); }  // units of 16
  int slot(std::int64_t y) const {
    return static_cast<int>(((y + first_slot) % ring_rows + ring_rows) % ring_rows);
  }
};

// When something happened, in cycles since the first tick of the run.
struct CommandTimes {
  std::int64_t accepted = 0;
  std::int64_t read_done = 0;
  std::int64_t drain_done = 0;
};

struct CoreRun {
  std::vector<CommandTimes> commands;
  std::vector<std::int64_t> tiles;  // cycles in which tiles began
  std::int64_t positions = 0;
  std::array<std::int64_t, 6> causes{};  // cycles, index registers::Core
  std::int64_t cycles = 0;
};

class CoreRunner {
 public:
  explicit CoreRunner(Core& core) : core_(core) {}

  // Gaps between weight rows and between commands, at random; without a generator there are none.
  void stall(std::mt19937* generator) { generator_ = generator; }

  void load(const ScratchpadTensor& tensor);
  void load_parameters(int first_channel, std::span<const ChannelRequantization> channels);
  void load_table(const ProductTable& table);

  // Runs until every command is drained. With `preload` the weights are in the FIFO, as many as
  // fit, before the first command comes. Throws std::runtime_error on a command error or if nothing
  // happens for long.
  CoreRun run(std::span<const CommandRecord> commands,
              std::span<const std::vector<std::int16_t>> weights, bool preload = false);

  std::vector<std::int16_t> read_output(int address, std::int64_t count);

 private:
  Core& core_;
  std::mt19937* generator_ = nullptr;
};

// What a convolution is cut into.
struct ConvolutionOptions {
  int sum_bits = 32;
  int parameter_first = 0;
  bool split = false;           // a command for each kernel row
  bool along_x_chunks = false;  // forces a run for each tap
  bool log_activations = false;
  bool log_weights = false;
  bool log_output = false;
  std::int64_t largest_pass = 0;  // positions; 0: as many as the sums hold
};

struct CoreProgram {
  std::vector<CommandRecord> commands;
  std::vector<std::vector<std::int16_t>> weights;  // rows of the array
  std::int64_t tiles = 0;
};

// Commands and weights of one image; results lie from output element 0 on as height, width,
// channels. Weights as in ConvolutionProblem.
CoreProgram lower_convolution(const ConvolutionProblem& problem,
                              std::span<const std::int16_t> weights, const ScratchpadTensor& input,
                              const Requantization& requantization, const CoreShape& shape,
                              const ConvolutionOptions& options);

// Fields that convolutions and vector commands share.
struct PassGeometry {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t y_first = 0;
  std::int64_t y_step = 1;
  std::int64_t u_first = 0;
  std::int64_t column_step = 0;
  std::int64_t tap_step = 0;
  std::int64_t output_address = 0;
  std::int64_t position_pitch = 1;
  int lowest = -255;
  int highest = 255;
};

void set_geometry(CommandRecord& command, const ScratchpadTensor& input,
                  const PassGeometry& geometry, std::int64_t tap_y_step);

}  // namespace mbm::test
