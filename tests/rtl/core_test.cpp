// The compute core against the definitions: the reference engine and the requantisation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/quantization/requantization.hpp"
#include "testbench/core_bench.hpp"
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
  const CoreBench& bench() const { return core_benches()[GetParam()]; }
};

// Every geometry; the weights and commands come with gaps in every other problem, and the reduction
// is split over commands in every third.
TEST_P(CoreBenchTest, ConvolutionEqualsTheDefinitions) {
  std::mt19937 generator(kSeed);
  const ProductTable table = table_of(bench(), generator);
  const std::unique_ptr<Core> core = bench().factory();
  CoreRunner runner(*core);
  if (bench().lut) runner.load_table(table);
  for (int i = 0; i < (bench().lut ? 15 : 60); ++i) {
    const OwnedJob job = test::random_operands_for(test::random_problem(generator), generator);
    const Accumulators sums = ReferenceEngine().run(job.job(table));
    const Requantization layer = random_requantization(job.problem.output_channels,
                                                       job.problem.reduction_length(), generator);
    const ConvolutionOptions options{.parameter_first = draw(generator, 0, 30),
                                     .split = i % 3 == 0,
                                     .along_x_chunks = i % 5 == 0};
    runner.stall(i % 2 == 0 ? &generator : nullptr);
    runner.load_parameters(options.parameter_first, layer.channels);
    for (std::int64_t image = 0; image < job.problem.batch; ++image) {
      const ScratchpadTensor input = input_tensor(job, image, generator);
      runner.load(input);
      const CoreProgram program =
          test::lower_convolution(job.problem, job.weights, input, layer, core->shape(), options);
      const CoreRun run = runner.run(program.commands, program.weights);
      EXPECT_EQ(static_cast<std::int64_t>(run.tiles.size()), program.tiles);
      const std::vector<std::int16_t> want = expected_codes(job.problem, sums, image, layer);
      const std::vector<std::int16_t> got =
          runner.read_output(0, static_cast<std::int64_t>(want.size()));
      ASSERT_EQ(got, want) << bench().name << ", " << job.problem.description() << ", seed "
                           << kSeed << ", problem " << i << ": "
                           << first_difference(job.problem, got, want);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, CoreBenchTest, testing::Range<std::size_t>(0, 5),
                         [](const auto& instance) {
                           std::string name = core_benches()[instance.param].name;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace mbm
