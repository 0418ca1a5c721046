// Vector commands, refusals and resets of the compute core.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "cmodel/quantization/log_code.hpp"
#include "cmodel/quantization/requantization.hpp"
#include "testbench/core_bench.hpp"
#include "tests/rtl/core_bench_name.hpp"
#include "tests/rtl/core_program.hpp"
#include "tests/rtl/random_job.hpp"

namespace mbm {
namespace {

using test::CoreRun;
using test::CoreRunner;
using test::PassGeometry;
using test::ScratchpadTensor;

constexpr unsigned kSeed = 20261122;

int draw(std::mt19937& generator, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(generator);
}

ScratchpadTensor random_tensor(std::mt19937& generator) {
  ScratchpadTensor tensor{.height = draw(generator, 1, 7),
                          .width = draw(generator, 1, 7),
                          .channels = draw(generator, 1, 21),
                          .codes = {}};
  tensor.ring_base = draw(generator, 0, 9);
  tensor.ring_rows = static_cast<int>(tensor.height) + draw(generator, 0, 2);
  tensor.first_slot = draw(generator, 0, 4);
  tensor.codes = test::random_operands(tensor.height * tensor.width * tensor.channels, generator);
  return tensor;
}

// The code at a place, which must exist.
int code_at(const ScratchpadTensor& tensor, std::int64_t y, std::int64_t x, std::int64_t c) {
  return tensor.codes.at(static_cast<std::size_t>((y * tensor.width + x) * tensor.channels + c));
}

// Calls compute(y, x, channel) for every output element, in the order of memory.
std::vector<std::int16_t> map_output(
    std::int64_t height, std::int64_t width, std::int64_t channels,
    const std::function<int(std::int64_t, std::int64_t, std::int64_t)>& compute) {
  std::vector<std::int16_t> codes;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < channels; ++c) {
        codes.push_back(static_cast<std::int16_t>(compute(y, x, c)));
      }
    }
  }
  return codes;
}

// A command over a whole tensor at output element 0.
CommandRecord vector_command(std::uint8_t opcode, const ScratchpadTensor& input, std::int64_t rows,
                             std::int64_t columns) {
  CommandRecord command = make_record(opcode);
  PassGeometry geometry;
  geometry.rows = rows;
  geometry.columns = columns;
  geometry.column_step = input.channels;
  geometry.tap_step = input.channels;
  geometry.position_pitch = input.channels;
  test::set_geometry(command, input, geometry, 1);
  set_field(command, registers::maximum::kChannels, input.channels);
  return command;
}

class CoreVectorTest : public testing::TestWithParam<std::size_t> {
 protected:
  const CoreBench& bench() const { return core_benches()[GetParam()]; }

  // Runs one command on `input` and reads `count` codes; the cycles are those of the documentation.
  std::vector<std::int16_t> run(const CommandRecord& command, const ScratchpadTensor& input,
                                std::int64_t count, std::int64_t taps) {
    CoreRunner runner(*core_);
    runner.load(input);
    const CoreRun run = runner.run(std::span(&command, 1), {});
    EXPECT_EQ(run.positions, taps);
    EXPECT_EQ(run.commands[0].read_done, run.commands[0].accepted + taps + 2);
    EXPECT_EQ(run.commands[0].drain_done, run.commands[0].accepted + taps + 8);
    return runner.read_output(0, count);
  }

  std::int64_t groups(std::int64_t channels) const {
    return (channels + core_->shape().lanes - 1) / core_->shape().lanes;
  }

  std::mt19937 generator_{kSeed};
  std::unique_ptr<Core> core_ = core_benches()[GetParam()].factory();
};

TEST_P(CoreVectorTest, Maximum) {
  for (int i = 0; i < 25; ++i) {
    const ScratchpadTensor input = random_tensor(generator_);
    const int padding = draw(generator_, 0, 2);
    const std::int64_t window_rows =
        draw(generator_, padding + 1, static_cast<int>(input.height) + 2 * padding);
    const std::int64_t window_columns =
        draw(generator_, padding + 1, static_cast<int>(input.width) + 2 * padding);
    const std::int64_t stride = draw(generator_, 1, 3);
    const std::int64_t rows = (input.height + 2 * padding - window_rows) / stride + 1;
    const std::int64_t columns = (input.width + 2 * padding - window_columns) / stride + 1;
    CommandRecord command = make_record(registers::maximum::kOpcode);
    PassGeometry geometry;
    geometry.rows = rows;
    geometry.columns = columns;
    geometry.y_first = -padding;
    geometry.y_step = stride;
    geometry.u_first = -padding * input.channels;
    geometry.column_step = stride * input.channels;
    geometry.tap_step = input.channels;
    geometry.position_pitch = input.channels;
    test::set_geometry(command, input, geometry, 1);
    set_field(command, registers::maximum::kWindowRows, window_rows);
    set_field(command, registers::maximum::kWindowColumns, window_columns);
    set_field(command, registers::maximum::kChannels, input.channels);
    const auto want = map_output(rows, columns, input.channels,
                                 [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
                                   int largest = -1000;
                                   for (std::int64_t y = oy * stride - padding;
                                        y < oy * stride - padding + window_rows; ++y) {
                                     for (std::int64_t x = ox * stride - padding;
                                          x < ox * stride - padding + window_columns; ++x) {
                                       if (y < 0 || y >= input.height || x < 0 || x >= input.width)
                                         continue;
                                       largest = std::max(largest, code_at(input, y, x, c));
                                     }
                                   }
                                   return std::max(largest, -255);
                                 });
    ASSERT_EQ(run(command, input, static_cast<std::int64_t>(want.size()),
                  rows * columns * groups(input.channels) * window_rows * window_columns),
              want)
        << bench().name << ", seed " << kSeed << ", problem " << i;
  }
}

// The index and the weight of the second neighbour of an output row or column.
struct Interpolation {
  std::int64_t index;
  int weight;  // 256ths
};

Interpolation bilinear_place(std::int64_t out_index, std::int64_t in, std::int64_t out) {
  const std::int64_t step = out > 1 ? (((in - 1) << 16) + out - 2) / (out - 1) : 0;
  const std::int64_t position = out_index * step;
  return {position >> 16, static_cast<int>(position >> 8 & 255)};
}

CommandRecord resize_command(const ScratchpadTensor& input, std::int64_t rows, std::int64_t columns,
                             bool bilinear, std::int64_t y_step, std::int64_t x_step) {
  CommandRecord command = vector_command(registers::resize::kOpcode, input, rows, columns);
  set_field(command, registers::resize::kBilinear, bilinear ? 1 : 0);
  set_field(command, registers::resize::kFractionYStep, y_step & 65535);
  set_field(command, registers::resize::kFractionXStep, x_step & 65535);
  // Whole steps: of a size that stays or shrinks.
  set_field(command, registers::resize::kYStep, y_step >> 16);
  set_field(command, registers::resize::kRingRowStep,
            (y_step >> 16) % input.ring_rows * input.pitch());
  set_field(command, registers::resize::kColumnStep, (x_step >> 16) * input.channels);
  return command;
}

// Taps of an output row of a bilinear interpolation: two columns of two each, later one where the
// index advances, none where it stays; the upper tap of a column comes during an output before it
// that has no new one.
std::int64_t bilinear_row_taps(std::int64_t in, std::int64_t out) {
  std::int64_t taps = 4;
  bool stayed = false;
  for (std::int64_t ox = 1; ox < out; ++ox) {
    const std::int64_t advance =
        bilinear_place(ox, in, out).index - bilinear_place(ox - 1, in, out).index;
    if (in >= out) {  // whole steps
      taps += 4;
    } else {
      taps += advance == 0 || stayed ? 1 : 2;
      stayed = advance == 0;
    }
  }
  return taps;
}

TEST_P(CoreVectorTest, Bilinear) {
  for (int i = 0; i < 25; ++i) {
    const ScratchpadTensor input = random_tensor(generator_);
    const std::int64_t rows = draw(generator_, 1, 15);
    const std::int64_t columns = draw(generator_, 1, 15);
    const auto step = [](std::int64_t in, std::int64_t out) {
      return out > 1 ? (((in - 1) << 16) + out - 2) / (out - 1) : 0;
    };
    const CommandRecord command = resize_command(
        input, rows, columns, true, step(input.height, rows), step(input.width, columns));
    const auto want = map_output(
        rows, columns, input.channels, [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
          const Interpolation y = bilinear_place(oy, input.height, rows);
          const Interpolation x = bilinear_place(ox, input.width, columns);
          const std::int64_t below = std::min(y.index + 1, input.height - 1);
          const std::int64_t right = std::min(x.index + 1, input.width - 1);
          const int sum =
              code_at(input, y.index, x.index, c) * (256 - y.weight) * (256 - x.weight) +
              code_at(input, y.index, right, c) * (256 - y.weight) * x.weight +
              code_at(input, below, x.index, c) * y.weight * (256 - x.weight) +
              code_at(input, below, right, c) * y.weight * x.weight;
          return (sum + 32768) >> 16;
        });
    ASSERT_EQ(run(command, input, static_cast<std::int64_t>(want.size()),
                  rows * groups(input.channels) * bilinear_row_taps(input.width, columns)),
              want)
        << bench().name << ", seed " << kSeed << ", problem " << i;
  }
}

TEST_P(CoreVectorTest, Nearest) {
  for (int i = 0; i < 25; ++i) {
    const ScratchpadTensor input = random_tensor(generator_);
    const std::int64_t rows = input.height * draw(generator_, 1, 3);
    const std::int64_t columns = input.width * draw(generator_, 1, 3);
    const auto step = [](std::int64_t in, std::int64_t out) {
      return ((in << 16) + out - 1) / out;
    };
    const CommandRecord command = resize_command(
        input, rows, columns, false, step(input.height, rows), step(input.width, columns));
    const auto want = map_output(
        rows, columns, input.channels, [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
          return code_at(input, oy * input.height / rows, ox * input.width / columns, c);
        });
    ASSERT_EQ(run(command, input, static_cast<std::int64_t>(want.size()),
                  rows * columns * groups(input.channels)),
              want)
        << bench().name << ", seed " << kSeed << ", problem " << i;
  }
}

TEST_P(CoreVectorTest, Addition) {
  for (int i = 0; i < 25; ++i) {
    const ScratchpadTensor first = random_tensor(generator_);
    ScratchpadTensor second = first;
    second.codes = test::random_operands(static_cast<std::int64_t>(first.codes.size()), generator_);
    const int distance = first.ring_rows * first.pitch() + draw(generator_, 0, 5);
    second.ring_base += distance;
    AdditionRequantization addition;
    addition.multiplier_a = static_cast<std::uint16_t>(draw(generator_, 0, 65535));
    addition.multiplier_b = static_cast<std::uint16_t>(draw(generator_, 0, 65535));
    addition.shift = static_cast<std::uint8_t>(draw(generator_, 0, 20));
    addition.rounding =
        i % 2 == 0 ? RequantizationRounding::nearest : RequantizationRounding::floor;
    addition.lowest = static_cast<std::int16_t>(draw(generator_, -255, 0));
    addition.highest = static_cast<std::int16_t>(draw(generator_, 0, 255));
    CommandRecord command =
        vector_command(registers::add::kOpcode, first, first.height, first.width);
    set_field(command, registers::add::kSecond, distance);
    set_field(command, registers::add::kMultiplier, addition.multiplier_a);
    set_field(command, registers::add::kSecondMultiplier, addition.multiplier_b);
    set_field(command, registers::add::kShift, addition.shift);
    set_field(command, registers::add::kFloor, i % 2);
    set_field(command, registers::add::kLowest, addition.lowest);
    set_field(command, registers::add::kHighest, addition.highest);
    std::vector<std::int16_t> want;
    for (std::size_t e = 0; e < first.codes.size(); ++e) {
      want.push_back(requantize_addition(first.codes[e], second.codes[e], addition));
    }
    CoreRunner(*core_).load(second);
    ASSERT_EQ(run(command, first, static_cast<std::int64_t>(want.size()),
                  2 * first.height * first.width * groups(first.channels)),
              want)
        << bench().name << ", seed " << kSeed << ", problem " << i;
  }
}

// Codes to another step, and the average of a window: the definition is that of sums.
TEST_P(CoreVectorTest, RescaleAndAverage) {
  for (int i = 0; i < 30; ++i) {
    const ScratchpadTensor input = random_tensor(generator_);
    const bool average = i % 2 == 1;
    const bool logs = i % 3 == 0;
    const std::int64_t rows = average ? 1 : input.height;
    const std::int64_t columns = average ? 1 : input.width;
    Requantization layer;
    ChannelRequantization channel;
    channel.multiplier = static_cast<std::uint16_t>(draw(generator_, 0, 65535));
    channel.negative_multiplier =
        average ? channel.multiplier : static_cast<std::uint16_t>(draw(generator_, 0, 65535));
    channel.shift = static_cast<std::uint8_t>(draw(generator_, 8, 22));
    layer.rounding = i % 4 < 2 ? RequantizationRounding::nearest : RequantizationRounding::floor;
    layer.lowest = static_cast<std::int16_t>(draw(generator_, -255, 0));
    layer.highest = static_cast<std::int16_t>(draw(generator_, 0, 255));
    CommandRecord command = vector_command(registers::rescale::kOpcode, input, rows, columns);
    set_field(command, registers::rescale::kWindowRows, average ? input.height : 1);
    set_field(command, registers::rescale::kWindowColumns, average ? input.width : 1);
    set_field(command, registers::rescale::kMultiplier, channel.multiplier);
    set_field(command, registers::rescale::kNegativeMultiplier, channel.negative_multiplier);
    set_field(command, registers::rescale::kShift, channel.shift);
    set_field(command, registers::rescale::kFloor, i % 4 < 2 ? 0 : 1);
    set_field(command, registers::rescale::kLogOutput, logs ? 1 : 0);
    set_field(command, registers::rescale::kLowest, layer.lowest);
    set_field(command, registers::rescale::kHighest, layer.highest);
    const auto want = map_output(
        rows, columns, input.channels, [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
          int sum = 0;
          for (std::int64_t y = 0; y < (average ? input.height : 1); ++y) {
            for (std::int64_t x = 0; x < (average ? input.width : 1); ++x) {
              sum += code_at(input, oy + y, ox + x, c);
            }
          }
          return logs ? requantize_to_log_code(sum, channel, layer)
                      : requantize(sum, channel, layer);
        });
    ASSERT_EQ(run(command, input, static_cast<std::int64_t>(want.size()),
                  input.height * input.width * groups(input.channels)),
              want)
        << bench().name << ", seed " << kSeed << ", problem " << i;
  }
}

// A wrong weight of one neighbour is seen.
TEST_P(CoreVectorTest, OneWrongFieldIsSeen) {
  ScratchpadTensor input = random_tensor(generator_);
  input.height = input.width = 3;
  input.ring_rows = 3;
  input.codes = test::random_operands(9 * input.channels, generator_);
  const auto codes = [&](std::int64_t step) {
    CoreRunner runner(*core_);
    runner.load(input);
    const CommandRecord command = resize_command(input, 5, 5, true, step, 32768);
    runner.run(std::span(&command, 1), {});
    return runner.read_output(0, 25 * input.channels);
  };
  EXPECT_EQ(codes(32768), codes(32768));
  EXPECT_NE(codes(32768), codes(32768 - 256));
}

// ------------------------------------------------------------------------------------ refusals

struct Refusal {
  const char* name;
  const registers::Field* field;
  std::int64_t value;
  int error;
};

// Sends a command and returns the code of the error, 0 if none comes in 50 cycles.
int error_of(Core& core, const CommandRecord& command) {
  CoreInputs inputs;
  inputs.command = &command;
  EXPECT_TRUE(core.tick(inputs).command_ready);
  for (int cycle = 0; cycle < 50; ++cycle) {
    const CoreOutputs outputs = core.tick({});
    if (outputs.command_error) {
      EXPECT_EQ(cycle, 1);
      EXPECT_FALSE(outputs.command_ready);
      return outputs.error_code;
    }
  }
  return 0;
}

// The first cycle in which commands are taken again.
int cycles_until_ready(Core& core) {
  CoreInputs clear;
  clear.clear = true;
  core.tick(clear);
  int cycles = 1;
  while (!core.tick({}).command_ready) ++cycles;
  return cycles;
}

TEST_P(CoreVectorTest, FieldsOutOfRangeAreRefused) {
  namespace fields = registers::convolve;
  const CoreShape& shape = core_->shape();
  const ScratchpadTensor input{.height = 2, .width = 2, .channels = 3, .codes = {}};
  Requantization layer;
  layer.channels.resize(2);
  const ConvolutionProblem problem{
      .input_channels = 3, .input_height = 2, .input_width = 2, .output_channels = 2};
  ScratchpadTensor place = input;
  place.ring_rows = 2;
  const std::vector<std::int16_t> weights(6, 1);
  const CommandRecord good =
      test::lower_convolution(problem, weights, place, layer, shape, {}).commands.at(0);
  const Refusal refusals[] = {
      {"rows", &fields::kRows, 0, 2},
      {"columns", &fields::kColumns, 0, 2},
      {"kernel rows", &fields::kKernelRows, 0, 2},
      {"runs", &fields::kRuns, 0, 2},
      {"chunks", &fields::kChunks, 0, 2},
      {"last rows", &fields::kLastRows, 0, 3},
      {"last rows", &fields::kLastRows, shape.rows + 1, 3},
      {"channels", &fields::kChannels, 0, 3},
      {"channels", &fields::kChannels, shape.columns + 1, 3},
      {"ring first", &fields::kRingFirst, 2, 4},
      {"ring row step", &fields::kRingRowStep, 2, 4},
      {"ring tap step", &fields::kRingTapStep, 3, 4},
      {"ring size", &fields::kRingSize, 0, 4},
      {"ring base", &fields::kRingBase, shape.activation_depth / 16 - 1, 4},
      {"sum bits", &fields::kSumBits, 7, 5},
      {"sum bits", &fields::kSumBits, 33, 5},
      {"first", &fields::kFirst, 0, 6},
      {"lowest", &fields::kLowest, -256, 7},
      {"highest", &fields::kHighest, -256, 7},
      {"parameters", &fields::kParameterFirst, shape.parameter_depth - 1, 8},
      {"log activations", &fields::kLogActivations, 1, bench().log ? 0 : 9},
      {"log weights", &fields::kLogWeights, 1, bench().log ? 0 : 9},
  };
  for (const Refusal& refusal : refusals) {
    CommandRecord command = good;
    set_field(command, *refusal.field, refusal.value);
    EXPECT_EQ(error_of(*core_, command), refusal.error) << refusal.name << " " << refusal.value;
    cycles_until_ready(*core_);
  }
  EXPECT_EQ(error_of(*core_, make_record(1)), 1);
  cycles_until_ready(*core_);
  EXPECT_EQ(error_of(*core_, good), 0);
}

TEST_P(CoreVectorTest, TooManyPositionsAreRefused) {
  const CoreShape& shape = core_->shape();
  ScratchpadTensor input{.height = 1, .width = shape.sum_depth + 1, .channels = 1, .codes = {}};
  Requantization layer;
  layer.channels.resize(1);
  const ConvolutionProblem problem{.input_width = shape.sum_depth};
  const std::vector<std::int16_t> weights(1, 1);
  test::CoreProgram program = test::lower_convolution(problem, weights, input, layer, shape, {});
  if (bench().lut) CoreRunner(*core_).load_table(make_product_table("exact"));
  CoreRunner runner(*core_);
  EXPECT_NO_THROW(runner.run(program.commands, program.weights));
  set_field(program.commands[0], registers::convolve::kColumns, shape.sum_depth + 1);
  EXPECT_THROW(runner.run(program.commands, program.weights), std::runtime_error);
  cycles_until_ready(*core_);
  set_field(program.commands[0], registers::convolve::kColumns, shape.sum_depth);
  EXPECT_NO_THROW(runner.run(program.commands, program.weights));
}

// A soft reset in many cycles of a program: afterwards the same program gives the same results in
// the same cycles as after power-up.
TEST_P(CoreVectorTest, ClearInAnyCycle) {
  const CoreShape& shape = core_->shape();
  const test::OwnedJob job = test::random_operands_for({.input_channels = 3,
                                                        .input_height = 4,
                                                        .input_width = 5,
                                                        .output_channels = 5,
                                                        .kernel_height = 2,
                                                        .kernel_width = 2},
                                                       generator_);
  ScratchpadTensor input{.height = 4, .width = 5, .channels = 3, .codes = {}, .ring_rows = 4};
  input.codes = test::random_operands(60, generator_);
  Requantization layer;
  layer.channels.assign(5, {.bias = 9, .multiplier = 3, .negative_multiplier = 2, .shift = 9});
  test::CoreProgram program =
      test::lower_convolution(job.problem, job.weights, input, layer, shape, {.split = true});
  CommandRecord pool = vector_command(registers::maximum::kOpcode, input, 2, 2);
  set_field(pool, registers::maximum::kWindowRows, 2);
  set_field(pool, registers::maximum::kWindowColumns, 2);
  set_field(pool, registers::maximum::kOutputAddress, 200);
  program.commands.push_back(pool);
  if (bench().lut) CoreRunner(*core_).load_table(make_product_table("mbm"));
  CoreRunner runner(*core_);
  runner.load(input);
  runner.load_parameters(0, layer.channels);
  const CoreRun first = runner.run(program.commands, program.weights);
  const std::vector<std::int16_t> want = runner.read_output(0, 300);
  EXPECT_EQ(cycles_until_ready(*core_), shape.rows + shape.columns + 9);
  const std::int64_t step = 1 + first.cycles / 20;
  for (std::int64_t cycle = 0; cycle < first.cycles; cycle += step) {
    std::size_t row = 0;
    std::size_t command = 0;
    for (std::int64_t i = 0; i < cycle; ++i) {
      CoreInputs inputs;
      if (row < program.weights.size()) inputs.weights = program.weights[row];
      if (command < program.commands.size()) inputs.command = &program.commands[command];
      const CoreOutputs outputs = core_->tick(inputs);
      if (!inputs.weights.empty() && outputs.weight_ready) ++row;
      if (inputs.command != nullptr && outputs.command_ready) ++command;
    }
    cycles_until_ready(*core_);
    EXPECT_FALSE(core_->tick({}).busy);
    const CoreRun again = runner.run(program.commands, program.weights);
    ASSERT_EQ(again.cycles, first.cycles) << "reset in cycle " << cycle;
    ASSERT_EQ(again.tiles, first.tiles) << "reset in cycle " << cycle;
    ASSERT_EQ(runner.read_output(0, 300), want) << "reset in cycle " << cycle;
  }
}

TEST_P(CoreVectorTest, TableIsReadBack) {
  if (!bench().lut) GTEST_SKIP() << "skipped: this kind has no table";
  const ProductTable table = make_product_table("drum:4");
  CoreRunner(*core_).load_table(table);
  for (int i = 0; i < 500; ++i) {
    CoreInputs inputs;
    inputs.table_read = true;
    inputs.table_read_address = draw(generator_, 0, 65535);
    core_->tick(inputs);
    EXPECT_EQ(core_->tick({}).table_data,
              table.products()[static_cast<std::size_t>(inputs.table_read_address)]);
  }
}

// Every rule of testbench/accelerator_core_sva.sv can fail.
TEST(CoreRules, EachIsBrokenBySomething) {
  const CoreRuleCycle load{.weight_load = true};
  const CoreRuleCycle swap{.swap = true};
  const CoreRuleCycle command{.accepted = true};
  const CoreRuleCycle read{.read_done = true, .busy = true};
  const CoreRuleCycle drained{.drain_done = true, .busy = true};
  const CoreRuleCycle wait{.busy = true};
  using Cycles = std::vector<CoreRuleCycle>;
  EXPECT_EQ(first_broken_core_rule(Cycles{load, load, swap, wait, load, load, swap}), -1);
  EXPECT_EQ(first_broken_core_rule(
                Cycles{command, wait, read, wait, {.result_write = true, .busy = true}, drained}),
            -1);
  EXPECT_EQ(first_broken_core_rule(Cycles{load, swap}), 1);              // half a tile
  EXPECT_EQ(first_broken_core_rule(Cycles{load, load, swap, load}), 3);  // too early
  EXPECT_EQ(first_broken_core_rule(Cycles{load, {.fill = true}}), 1);    // rows not there
  EXPECT_EQ(first_broken_core_rule(Cycles{{.finish_last = true}}), 0);   // no bank in use
  EXPECT_EQ(first_broken_core_rule(Cycles{{.finish_last = true, .banks_in_use = 2}}), -1);
  EXPECT_EQ(first_broken_core_rule(Cycles{{.enter = true, .tap = true}}), 0);
  EXPECT_EQ(first_broken_core_rule(Cycles{command, read, read}), 2);
  EXPECT_EQ(first_broken_core_rule(Cycles{command, read, drained, drained}), 3);
  EXPECT_EQ(first_broken_core_rule(Cycles{command, drained, {}}), 2);  // before it was read
  EXPECT_EQ(first_broken_core_rule(Cycles{command, {}}), 1);           // not busy
  EXPECT_EQ(first_broken_core_rule(Cycles{{.result_write = true}}), 0);
}

INSTANTIATE_TEST_SUITE_P(Rtl, CoreVectorTest, testing::Range<std::size_t>(0, 5), core_bench_name);

}  // namespace
}  // namespace mbm
