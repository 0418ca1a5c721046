// The compute core against the definitions: the reference engine and the requantisation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <random>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/quantization/log_code.hpp"
#include "cmodel/quantization/requantization.hpp"
#include "testbench/core_bench.hpp"
#include "tests/rtl/core_bench_name.hpp"
#include "tests/rtl/core_program.hpp"
#include "tests/rtl/random_job.hpp"

namespace mbm {
namespace {

using test::ConvolutionOptions;
using test::CoreProgram;
using test::CoreRun;
using test::CoreRunner;
using test::OwnedJob;
using test::ScratchpadTensor;

constexpr unsigned kSeed = 20261121;

// A table of which nothing is regular, not even the products with 0.
ProductTable random_table(std::mt19937& generator) {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::uint16_t& product : products) product = static_cast<std::uint16_t>(generator());
  return ProductTable("random", products);
}

ProductTable table_of(const CoreBench& bench, std::mt19937& generator) {
  return bench.lut ? random_table(generator) : make_product_table(bench.multiplier);
}

int draw(std::mt19937& generator, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(generator);
}

// An image of a job, as it lies in a ring somewhere in the scratchpad.
ScratchpadTensor input_tensor(const OwnedJob& job, std::int64_t image, std::mt19937& generator) {
  const ConvolutionProblem& p = job.problem;
  ScratchpadTensor tensor{.height = p.input_height,
                          .width = p.input_width,
                          .channels = p.input_channels,
                          .codes = {},
                          .ring_base = draw(generator, 0, 20),
                          .ring_rows = static_cast<int>(p.input_height) + draw(generator, 0, 3),
                          .first_slot = draw(generator, 0, 5)};
  for (std::int64_t y = 0; y < p.input_height; ++y) {
    for (std::int64_t x = 0; x < p.input_width; ++x) {
      for (std::int64_t c = 0; c < p.input_channels; ++c) {
        const std::int64_t index =
            ((image * p.input_channels + c) * p.input_height + y) * p.input_width + x;
        tensor.codes.push_back(job.activations[static_cast<std::size_t>(index)]);
      }
    }
  }
  return tensor;
}

// Scales under which results neither vanish nor all saturate.
Requantization random_requantization(std::int64_t channels, std::int64_t reduction_length,
                                     std::mt19937& generator) {
  Requantization layer;
  for (std::int64_t o = 0; o < channels; ++o) {
    ChannelRequantization channel;
    channel.bias = draw(generator, -200000, 200000);
    channel.multiplier = static_cast<std::uint16_t>(draw(generator, 1 << 14, 65535));
    channel.negative_multiplier = static_cast<std::uint16_t>(draw(generator, 0, 65535));
    channel.shift = static_cast<std::uint8_t>(
        23 + draw(generator, -1, 2) +
        static_cast<int>(std::log2(static_cast<double>(reduction_length)) / 2));
    layer.channels.push_back(channel);
  }
  layer.rounding =
      draw(generator, 0, 1) == 0 ? RequantizationRounding::nearest : RequantizationRounding::floor;
  layer.lowest = static_cast<std::int16_t>(draw(generator, 0, 1) == 0 ? 0 : -255);
  layer.highest = static_cast<std::int16_t>(draw(generator, 0, 3) == 0 ? 100 : 255);
  return layer;
}

// Results of the definitions for one image, as height, width, channels.
std::vector<std::int16_t> expected_codes(const ConvolutionProblem& p, const Accumulators& sums,
                                         std::int64_t image, const Requantization& layer) {
  std::vector<std::int16_t> codes;
  for (std::int64_t y = 0; y < p.output_height(); ++y) {
    for (std::int64_t x = 0; x < p.output_width(); ++x) {
      for (std::int64_t o = 0; o < p.output_channels; ++o) {
        const std::int64_t index =
            ((image * p.output_channels + o) * p.output_height() + y) * p.output_width() + x;
        codes.push_back(requantize(sums[static_cast<std::size_t>(index)],
                                   layer.channels[static_cast<std::size_t>(o)], layer));
      }
    }
  }
  return codes;
}

std::string first_difference(const ConvolutionProblem& p, std::span<const std::int16_t> got,
                             std::span<const std::int16_t> want) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (got[i] == want[i]) continue;
    const auto index = static_cast<std::int64_t>(i);
    return fmt::format("channel {} y {} x {}: got {}, want {}", index % p.output_channels,
                       index / p.output_channels / p.output_width(),
                       index / p.output_channels % p.output_width(), got[i], want[i]);
  }
  return "equal";
}

class CoreBenchTest : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    if (bench().lut) runner_.load_table(table_);
  }

  const CoreBench& bench() const { return core_benches()[GetParam()]; }

  std::mt19937 generator_{kSeed};
  ProductTable table_ = table_of(bench(), generator_);
  std::unique_ptr<Core> core_ = bench().factory();
  CoreRunner runner_{*core_};
};

// Every geometry; the weights and commands come with gaps in every other problem, and the reduction
// is split over commands in every third.
TEST_P(CoreBenchTest, ConvolutionEqualsTheDefinitions) {
  for (int i = 0; i < (bench().lut ? 15 : 60); ++i) {
    const OwnedJob job = test::random_operands_for(test::random_problem(generator_), generator_);
    const Accumulators sums = ReferenceEngine().run(job.job(table_));
    const Requantization layer = random_requantization(job.problem.output_channels,
                                                       job.problem.reduction_length(), generator_);
    const ConvolutionOptions options{.parameter_first = draw(generator_, 0, 30),
                                     .split = i % 3 == 0,
                                     .along_x_chunks = i % 5 == 0};
    runner_.stall(i % 2 == 0 ? &generator_ : nullptr);
    runner_.load_parameters(options.parameter_first, layer.channels);
    for (std::int64_t image = 0; image < job.problem.batch; ++image) {
      const ScratchpadTensor input = input_tensor(job, image, generator_);
      runner_.load(input);
      const CoreProgram program =
          test::lower_convolution(job.problem, job.weights, input, layer, core_->shape(), options);
      const CoreRun run = runner_.run(program.commands, program.weights);
      EXPECT_EQ(static_cast<std::int64_t>(run.tiles.size()), program.tiles);
      const std::vector<std::int16_t> want = expected_codes(job.problem, sums, image, layer);
      const std::vector<std::int16_t> got =
          runner_.read_output(0, static_cast<std::int64_t>(want.size()));
      ASSERT_EQ(got, want) << bench().name << ", " << job.problem.description() << ", seed "
                           << kSeed << ", problem " << i << ": "
                           << first_difference(job.problem, got, want);
    }
  }
}

// One weight off by one, one activation, one parameter: each is seen.
TEST_P(CoreBenchTest, OneWrongValueIsSeen) {
  const OwnedJob job = test::random_operands_for({.input_channels = 5,
                                                  .input_height = 4,
                                                  .input_width = 5,
                                                  .output_channels = 6,
                                                  .kernel_height = 2,
                                                  .kernel_width = 2},
                                                 generator_);
  Requantization layer;  // a code is a sum's low end: every difference shows
  layer.channels.assign(6, {.bias = 0, .multiplier = 1, .negative_multiplier = 1, .shift = 9});
  const auto codes_of = [&](const OwnedJob& changed, const Requantization& parameters) {
    std::mt19937 place(1);
    const ScratchpadTensor input = input_tensor(changed, 0, place);
    runner_.load_parameters(0, parameters.channels);
    runner_.load(input);
    const CoreProgram program = test::lower_convolution(changed.problem, changed.weights, input,
                                                        parameters, core_->shape(), {});
    runner_.run(program.commands, program.weights);
    return runner_.read_output(0, changed.problem.output_count());
  };
  const std::vector<std::int16_t> want =
      expected_codes(job.problem, ReferenceEngine().run(job.job(table_)), 0, layer);
  EXPECT_EQ(codes_of(job, layer), want);
  OwnedJob wrong = job;
  wrong.weights[17] = static_cast<std::int16_t>(wrong.weights[17] > 0 ? -200 : 200);
  EXPECT_NE(codes_of(wrong, layer), want);
  wrong = job;
  wrong.activations[23] = static_cast<std::int16_t>(wrong.activations[23] > 0 ? -200 : 200);
  EXPECT_NE(codes_of(wrong, layer), want);
  Requantization wrong_layer = layer;
  wrong_layer.channels[5].shift = 10;
  EXPECT_NE(codes_of(job, wrong_layer), want);
}

// Sums of the definition, saturated after each tile of the array.
Accumulators saturated_sums(const OwnedJob& job, const ProductTable& table, int rows, int bits) {
  const ConvolutionProblem& p = job.problem;
  Accumulators sums;
  for (std::int64_t o = 0; o < p.output_channels; ++o) {
    for (std::int64_t y = 0; y < p.output_height(); ++y) {
      for (std::int64_t x = 0; x < p.output_width(); ++x) {
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < p.kernel_height; ++i) {
          const std::int64_t length = p.kernel_width * p.input_channels;
          for (std::int64_t begin = 0; begin < length; begin += rows) {
            std::int64_t tile = 0;
            for (std::int64_t e = begin; e < std::min(length, begin + rows); ++e) {
              const std::int64_t j = e / p.input_channels;
              const std::int64_t c = e % p.input_channels;
              const std::int64_t input = (c * p.input_height + y + i) * p.input_width + x + j;
              const std::int64_t weight =
                  ((o * p.input_channels + c) * p.kernel_height + i) * p.kernel_width + j;
              tile += table.signed_product(job.weights[static_cast<std::size_t>(weight)],
                                           job.activations[static_cast<std::size_t>(input)]);
            }
            sum = saturate_to_bits(sum + tile, bits);
          }
        }
        sums.push_back(static_cast<std::int32_t>(sum));
      }
    }
  }
  return sums;
}

TEST_P(CoreBenchTest, PartialSumsSaturate) {
  const OwnedJob job = test::random_operands_for({.input_channels = 9,
                                                  .input_height = 4,
                                                  .input_width = 5,
                                                  .output_channels = 6,
                                                  .kernel_height = 3,
                                                  .kernel_width = 3},
                                                 generator_);
  Requantization layer;
  layer.channels.assign(6, {.bias = 0, .multiplier = 1, .negative_multiplier = 1, .shift = 0});
  const Accumulators unsaturated = ReferenceEngine().run(job.job(table_));
  std::mt19937 place(1);
  const ScratchpadTensor input = input_tensor(job, 0, place);
  runner_.load(input);
  for (const int bits : {8, 9, 15, 16, 17, 18, 19, 20, 24, 32}) {
    const Accumulators sums = saturated_sums(job, table_, core_->shape().rows, bits);
    EXPECT_TRUE(bits >= 18 || sums != unsaturated) << bits;
    EXPECT_TRUE(bits <= 23 || sums == unsaturated) << bits;
    for (ChannelRequantization& channel : layer.channels) {
      channel.shift = static_cast<std::uint8_t>(bits > 9 ? std::min(bits, 20) - 9 : 0);
    }
    runner_.load_parameters(0, layer.channels);
    const CoreProgram program =
        test::lower_convolution(job.problem, job.weights, input, layer, core_->shape(),
                                {.sum_bits = bits, .split = bits % 2 == 0});
    runner_.run(program.commands, program.weights);
    EXPECT_EQ(runner_.read_output(0, job.problem.output_count()),
              expected_codes(job.problem, sums, 0, layer))
        << bench().name << ", " << bits << " bits";
  }
}

TEST_P(CoreBenchTest, ResultsAsLogCodes) {
  for (int i = 0; i < 6; ++i) {
    const OwnedJob job = test::random_operands_for({.input_channels = 7,
                                                    .input_height = 6,
                                                    .input_width = 7,
                                                    .output_channels = 9,
                                                    .kernel_height = 3,
                                                    .kernel_width = 3,
                                                    .padding = 1},
                                                   generator_);
    Requantization layer = random_requantization(9, 63, generator_);
    // From sums that vanish to sums that saturate.
    for (std::size_t o = 0; o < 9; ++o) {
      layer.channels[o].shift = static_cast<std::uint8_t>(14 + 4 * o);
    }
    layer.lowest = static_cast<std::int16_t>(i % 2 == 0 ? -255 : 0);
    layer.highest = static_cast<std::int16_t>(i % 3 == 0 ? 255 : 90);
    std::mt19937 place(1);
    const ScratchpadTensor input = input_tensor(job, 0, place);
    runner_.load(input);
    runner_.load_parameters(0, layer.channels);
    const CoreProgram program = test::lower_convolution(job.problem, job.weights, input, layer,
                                                        core_->shape(), {.log_output = true});
    runner_.run(program.commands, program.weights);
    const Accumulators sums = ReferenceEngine().run(job.job(table_));
    std::vector<std::int16_t> want;
    for (std::int64_t position = 0; position < 42; ++position) {
      for (std::size_t o = 0; o < 9; ++o) {
        want.push_back(requantize_to_log_code(sums[o * 42 + static_cast<std::size_t>(position)],
                                              layer.channels[o], layer));
      }
    }
    EXPECT_EQ(runner_.read_output(0, job.problem.output_count()), want) << bench().name;
  }
}

// Mitchell's product of a weight and an activation, each a magnitude or a log code, straight from
// the logarithms with seven bits of fraction.
ProductTable mitchell_of_logarithms(bool log_weights, bool log_activations) {
  const auto logarithm = [](std::size_t operand, bool code) {
    if (code) return static_cast<unsigned>(operand % 128) << 3;
    const unsigned characteristic = static_cast<unsigned>(std::bit_width(operand)) - 1;
    return (characteristic << 7) +
           ((static_cast<unsigned>(operand) << (7 - characteristic)) & 127U);
  };
  std::vector<std::uint16_t> products;
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      const bool zero = (log_weights ? a % 128 : a) == 0 || (log_activations ? b % 128 : b) == 0;
      const unsigned sum = zero ? 0 : logarithm(a, log_weights) + logarithm(b, log_activations);
      const unsigned product = ((128U + (sum & 127U)) << (sum >> 7)) >> 7;
      products.push_back(static_cast<std::uint16_t>(zero ? 0 : product));
    }
  }
  return ProductTable("mitchell of logarithms", products);
}

// Operands of a logarithmic array may be log codes, weights and activations by themselves.
TEST(CoreLogCodes, OperandsMayBeLogCodes) {
  const CoreBench& bench = core_benches()[2];
  ASSERT_EQ(bench.multiplier, "mitchell");
  const std::unique_ptr<Core> core = bench.factory();
  CoreRunner runner(*core);
  std::mt19937 generator(kSeed);
  EXPECT_TRUE(std::ranges::equal(mitchell_of_logarithms(false, false).products(),
                                 make_product_table("mitchell").products()));
  for (const auto& [log_weights, log_activations] :
       {std::pair(false, true), std::pair(true, false), std::pair(true, true)}) {
    const ProductTable table = mitchell_of_logarithms(log_weights, log_activations);
    OwnedJob job = test::random_operands_for({.input_channels = 20,
                                              .input_height = 5,
                                              .input_width = 6,
                                              .output_channels = 20,
                                              .kernel_height = 2,
                                              .kernel_width = 2},
                                             generator);
    if (log_weights) {
      for (std::int16_t& weight : job.weights) weight /= 3;
    }
    if (log_activations) {
      for (std::int16_t& activation : job.activations) activation /= 3;
    }
    const Requantization layer = random_requantization(20, 80, generator);
    std::mt19937 place(1);
    const ScratchpadTensor input = input_tensor(job, 0, place);
    runner.load(input);
    runner.load_parameters(0, layer.channels);
    const CoreProgram program =
        test::lower_convolution(job.problem, job.weights, input, layer, core->shape(),
                                {.log_activations = log_activations, .log_weights = log_weights});
    runner.run(program.commands, program.weights);
    EXPECT_EQ(runner.read_output(0, job.problem.output_count()),
              expected_codes(job.problem, ReferenceEngine().run(job.job(table)), 0, layer))
        << log_weights << log_activations;
  }
}

// The driver's packings are data: D neighbouring columns as D times the channels, with zeros where
// a tap does not belong, give the same results at the same places.
TEST_P(CoreBenchTest, PackingAlongX) {
  if (bench().lut) GTEST_SKIP() << "skipped: products with 0 are not 0 in this table";
  constexpr std::int64_t kNeighbours = 2;
  const OwnedJob job = test::random_operands_for({.input_channels = 3,
                                                  .input_height = 6,
                                                  .input_width = 9,
                                                  .output_channels = 1,
                                                  .kernel_height = 3,
                                                  .kernel_width = 2},
                                                 generator_);
  const Requantization one = random_requantization(1, 18, generator_);
  // A kernel one stride wider for two output channels at stride 2 along x only: lowered by hand
  // from the same geometry, since a ConvolutionProblem has one stride.
  ConvolutionProblem packed = job.problem;
  packed.output_channels = kNeighbours;
  packed.kernel_width += kNeighbours - 1;
  std::vector<std::int16_t> weights;
  for (std::int64_t d = 0; d < kNeighbours; ++d) {
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t i = 0; i < 3; ++i) {
        for (std::int64_t j = 0; j < packed.kernel_width; ++j) {
          const bool belongs = j >= d && j - d < 2;
          weights.push_back(belongs ? job.weights[static_cast<std::size_t>((c * 3 + i) * 2 + j - d)]
                                    : std::int16_t{0});
        }
      }
    }
  }
  std::mt19937 place(1);
  const ScratchpadTensor input = input_tensor(job, 0, place);
  Requantization both = one;
  both.channels.push_back(one.channels[0]);
  runner_.load(input);
  runner_.load_parameters(0, both.channels);
  CoreProgram program = test::lower_convolution(packed, weights, input, both, core_->shape(), {});
  const std::int64_t columns = job.problem.output_width() / kNeighbours;
  ASSERT_EQ(program.commands.size(), 1U);
  set_field(program.commands[0], registers::convolve::kColumns, columns);
  set_field(program.commands[0], registers::convolve::kColumnStep, kNeighbours * 3);
  runner_.run(program.commands, program.weights);
  EXPECT_EQ(runner_.read_output(0, job.problem.output_count()),
            expected_codes(job.problem, ReferenceEngine().run(job.job(table_)), 0, one));
}

// Convolutions, whole and split, and vector commands in any order, without waiting for each other.
TEST_P(CoreBenchTest, CommandsOfAllUnitsMixed) {
  const OwnedJob job = test::random_operands_for({.input_channels = 5,
                                                  .input_height = 4,
                                                  .input_width = 5,
                                                  .output_channels = 6,
                                                  .kernel_height = 2,
                                                  .kernel_width = 2,
                                                  .padding = 1},
                                                 generator_);
  const Requantization layer = random_requantization(6, 20, generator_);
  const ScratchpadTensor input = input_tensor(job, 0, generator_);
  runner_.load(input);
  runner_.load_parameters(0, layer.channels);
  const std::vector<std::int16_t> convolved =
      expected_codes(job.problem, ReferenceEngine().run(job.job(table_)), 0, layer);
  for (int i = 0; i < (bench().lut ? 3 : 12); ++i) {
    CoreProgram program;
    std::vector<std::int16_t> want;
    while (want.size() < 1200) {
      const auto begin = static_cast<std::int64_t>(want.size());
      if (draw(generator_, 0, 1) == 0) {
        CoreProgram part = test::lower_convolution(
            job.problem, job.weights, input, layer, core_->shape(),
            {.split = draw(generator_, 0, 1) == 0, .largest_pass = draw(generator_, 6, 30)});
        for (CommandRecord& command : part.commands) {
          set_field(command, registers::convolve::kOutputAddress,
                    get_field(command, registers::convolve::kOutputAddress) + begin);
          program.commands.push_back(command);
        }
        std::ranges::move(part.weights, std::back_inserter(program.weights));
        want.insert(want.end(), convolved.begin(), convolved.end());
      } else {
        CommandRecord command = make_record(registers::rescale::kOpcode);
        const int multiplier = draw(generator_, 1, 3);
        test::PassGeometry geometry;
        geometry.rows = draw(generator_, 1, 4);
        geometry.columns = 5;
        geometry.column_step = 5;
        geometry.output_address = begin;
        geometry.position_pitch = 5;
        test::set_geometry(command, input, geometry, 1);
        set_field(command, registers::rescale::kChannels, 5);
        set_field(command, registers::rescale::kWindowRows, 1);
        set_field(command, registers::rescale::kWindowColumns, 1);
        set_field(command, registers::rescale::kMultiplier, multiplier);
        set_field(command, registers::rescale::kNegativeMultiplier, multiplier);
        set_field(command, registers::rescale::kShift, 2);
        set_field(command, registers::rescale::kFloor, 1);
        program.commands.push_back(command);
        for (std::int64_t e = 0; e < geometry.rows * 25; ++e) {
          want.push_back(static_cast<std::int16_t>(
              (input.codes[static_cast<std::size_t>(e)] * multiplier) >> 2));
        }
      }
    }
    runner_.stall(i % 2 == 0 ? &generator_ : nullptr);
    runner_.run(program.commands, program.weights);
    ASSERT_EQ(runner_.read_output(0, static_cast<std::int64_t>(want.size())), want)
        << bench().name << ", seed " << kSeed << ", program " << i;
  }
}

// ------------------------------------------------------------------------------------ timing

// docs/accelerator.md, section 10.
struct Timing {
  explicit Timing(const CoreShape& shape)
      : rows(shape.rows), columns(shape.columns), shortest_tile(2 * rows + columns - 2) {}

  std::int64_t rows;
  std::int64_t columns;
  std::int64_t shortest_tile;
};

struct TimedConvolution {
  CoreProgram program;
  std::int64_t positions = 0;
  std::int64_t tiles = 0;
  std::int64_t groups = 0;  // of lanes, for a position
};

TimedConvolution timed_convolution(const CoreShape& shape, std::int64_t positions,
                                   std::int64_t tiles) {
  const ConvolutionProblem problem{.input_channels = tiles * shape.rows,
                                   .input_width = positions,
                                   .output_channels = shape.columns};
  ScratchpadTensor input{
      .height = 1, .width = positions, .channels = problem.input_channels, .codes = {}};
  const std::vector<std::int16_t> weights(static_cast<std::size_t>(problem.weight_count()), 3);
  Requantization layer;
  layer.channels.resize(static_cast<std::size_t>(shape.columns));
  return {test::lower_convolution(problem, weights, input, layer, shape, {}), positions, tiles,
          (shape.columns + shape.lanes - 1) / shape.lanes};
}

TEST_P(CoreBenchTest, CyclesOfOneConvolution) {
  const std::unique_ptr<Core> core = bench().factory();
  const CoreShape& shape = core->shape();
  const Timing timing(shape);
  CoreRunner runner(*core);
  for (const std::int64_t tiles : {1, 2, 5}) {
    for (const std::int64_t positions : {std::int64_t{1}, timing.shortest_tile - 1,
                                         timing.shortest_tile, timing.shortest_tile + 3}) {
      if (positions > shape.sum_depth) continue;
      const TimedConvolution timed = timed_convolution(shape, positions, tiles);
      const CoreRun run = runner.run(timed.program.commands, timed.program.weights, true);
      // Kind lut: all weights have one magnitude, its row is broadcast when the weights have come.
      const std::int64_t table = bench().lut ? 1 + 256 / shape.table_entries : 0;
      const std::int64_t tile_cycles = std::max(positions, timing.shortest_tile + table);
      const std::int64_t accepted = run.commands[0].accepted;
      const std::int64_t first = accepted + timing.rows + table;
      ASSERT_EQ(static_cast<std::int64_t>(run.tiles.size()), tiles);
      for (std::int64_t t = 0; t < tiles; ++t) {
        EXPECT_EQ(run.tiles[static_cast<std::size_t>(t)], first + t * tile_cycles)
            << bench().name << ", tile " << t << " of " << tiles << ", " << positions;
      }
      const std::int64_t last = first + (tiles - 1) * tile_cycles + positions - 1;
      EXPECT_EQ(run.positions, tiles * positions);
      EXPECT_EQ(run.commands[0].read_done, last + 1);
      EXPECT_EQ(run.commands[0].drain_done,
                last + timing.rows + timing.columns + 11 + positions * timed.groups)
          << bench().name << ", " << tiles << " tiles, " << positions;
    }
  }
}

// Passes of tiles that are long enough follow each other without a bubble: positions * tiles and a
// constant.
TEST_P(CoreBenchTest, NoBubblesBetweenPasses) {
  if (bench().lut) GTEST_SKIP() << "skipped: rows of the table take longer than a pass";
  const std::unique_ptr<Core> core = bench().factory();
  const CoreShape& shape = core->shape();
  const Timing timing(shape);
  CoreRunner runner(*core);
  const std::int64_t positions = timing.shortest_tile;
  const TimedConvolution timed = timed_convolution(shape, positions, 6);
  constexpr std::int64_t kPasses = 5;
  std::vector<CommandRecord> commands;
  std::vector<std::vector<std::int16_t>> weights;
  for (std::int64_t pass = 0; pass < kPasses; ++pass) {
    commands.push_back(timed.program.commands[0]);
    weights.insert(weights.end(), timed.program.weights.begin(), timed.program.weights.end());
  }
  const CoreRun run = runner.run(commands, weights, true);
  EXPECT_EQ(run.causes[static_cast<std::size_t>(registers::Core::computing)],
            kPasses * 6 * positions);
  EXPECT_EQ(run.commands.back().read_done,
            run.commands[0].accepted + timing.rows + kPasses * 6 * positions);
  for (std::size_t pass = 1; pass < kPasses; ++pass) {
    EXPECT_EQ(run.commands[pass].read_done - run.commands[pass - 1].read_done, 6 * positions);
  }
}

// A pass of one tile drains slower than it computes: the third one waits for a bank.
TEST(CoreTiming, BothBanksInUse) {
  const CoreBench& bench = core_benches()[2];
  const std::unique_ptr<Core> core = bench.factory();
  const CoreShape& shape = core->shape();
  CoreRunner runner(*core);
  const TimedConvolution timed = timed_convolution(shape, 200, 1);
  std::vector<CommandRecord> commands(4, timed.program.commands[0]);
  std::vector<std::vector<std::int16_t>> weights;
  for (int pass = 0; pass < 4; ++pass) {
    weights.insert(weights.end(), timed.program.weights.begin(), timed.program.weights.end());
  }
  const CoreRun run = runner.run(commands, weights, true);
  EXPECT_GT(run.causes[static_cast<std::size_t>(registers::Core::partial_sums)], 0);
  // Drains follow each other with one cycle between them.
  for (std::size_t pass = 1; pass < 4; ++pass) {
    EXPECT_EQ(run.commands[pass].drain_done - run.commands[pass - 1].drain_done,
              200 * timed.groups + 1);
  }
  // The bank of a drain can be filled from the second cycle after its last group was issued, six
  // and two cycles before drain_done.
  EXPECT_EQ(run.tiles[2], run.commands[0].drain_done - 6);
  EXPECT_EQ(run.tiles[3], run.commands[1].drain_done - 6);
}

// A convolution that ends no sums is drained when its sums are stored, and not before those ahead.
TEST_P(CoreBenchTest, CyclesOfASplitReduction) {
  if (bench().lut) GTEST_SKIP() << "skipped: as the other kinds";
  const std::unique_ptr<Core> core = bench().factory();
  const CoreShape& shape = core->shape();
  const Timing timing(shape);
  CoreRunner runner(*core);
  const TimedConvolution timed = timed_convolution(shape, timing.shortest_tile, 1);
  std::vector<CommandRecord> commands(7, timed.program.commands[0]);
  std::vector<std::vector<std::int16_t>> weights;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    set_field(commands[i], registers::convolve::kFirst, i == 0 || i == 3 ? 1 : 0);
    set_field(commands[i], registers::convolve::kLast, i == 2 || i == 6 ? 1 : 0);
    weights.insert(weights.end(), timed.program.weights.begin(), timed.program.weights.end());
  }
  const CoreRun run = runner.run(commands, weights, true);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(run.commands[i].drain_done,
              run.commands[i].read_done - 1 + timing.rows + timing.columns + 11);
  }
  for (std::size_t i = 1; i < commands.size(); ++i) {
    EXPECT_GT(run.commands[i].drain_done, run.commands[i - 1].drain_done);
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, CoreBenchTest, testing::Range<std::size_t>(0, 5), core_bench_name);

}  // namespace
}  // namespace mbm
