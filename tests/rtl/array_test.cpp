// The Verilog array against the reference engine, which is the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cmodel/array/weight_tiling.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/convolution/accumulator_comparison.hpp"
#include "testbench/array_simulation.hpp"
#include "testbench/grid_bench.hpp"
#include "tests/rtl/random_job.hpp"

namespace mbm {
namespace {

using test::OwnedJob;
using test::random_operands_for;

constexpr unsigned kSeed = 20180821;

AccumulatorComparison compare(const GridBench& bench, const OwnedJob& owned, int threads = 1) {
  const ProductTable table = make_product_table(bench.multiplier);
  const ConvolutionJob job = owned.job(table);
  const GridShape shape = bench.factory()->shape();
  const WeightTiling tiling(job.problem, shape.rows, shape.columns);
  const ArraySimulation simulation =
      simulate_array(job, tiling.all_tiles(), bench.factory, {.threads = threads, .progress = {}});
  return compare_accumulators(job.problem, simulation.accumulators, ReferenceEngine().run(job));
}

std::string describe(const AccumulatorComparison& comparison) {
  if (!comparison.first) return "equal";
  const AccumulatorMismatch& m = *comparison.first;
  return fmt::format("{} of {} differ; image {} channel {} y {} x {}: got {}, want {}",
                     comparison.mismatches, comparison.compared, m.image, m.channel, m.y, m.x,
                     m.got, m.want);
}

class ArrayBench : public testing::TestWithParam<std::size_t> {
 protected:
  const GridBench& bench() const { return grid_benches()[GetParam()]; }
};

TEST_P(ArrayBench, EqualsReferenceOnRandomProblems) {
  std::mt19937 generator(kSeed);
  for (int i = 0; i < 40; ++i) {
    const OwnedJob owned = random_operands_for(test::random_problem(generator), generator);
    const AccumulatorComparison comparison = compare(bench(), owned);
    ASSERT_EQ(comparison.mismatches, 0)
        << bench().name << ", " << owned.problem.description() << ", seed " << kSeed << ", problem "
        << i << ": " << describe(comparison);
  }
}

// Sums of the largest magnitude, of both signs, and zeros.
TEST_P(ArrayBench, EqualsReferenceOnExtremeOperands) {
  ConvolutionProblem problem{.input_channels = 40,
                             .input_height = 5,
                             .input_width = 6,
                             .output_channels = 9,
                             .kernel_height = 3,
                             .kernel_width = 3,
                             .padding = 1};
  for (const int activation : {-255, 0, 255}) {
    for (const int weight : {-255, 0, 255}) {
      OwnedJob owned{problem, {}, {}};
      owned.activations.assign(static_cast<std::size_t>(problem.activation_count()),
                               static_cast<std::int16_t>(activation));
      owned.weights.assign(static_cast<std::size_t>(problem.weight_count()),
                           static_cast<std::int16_t>(weight));
      const AccumulatorComparison comparison = compare(bench(), owned);
      EXPECT_EQ(comparison.mismatches, 0)
          << activation << " * " << weight << ": " << describe(comparison);
    }
  }
}

TEST_P(ArrayBench, OnePositionAndOneProduct) {
  std::mt19937 generator(kSeed);
  const AccumulatorComparison one = compare(bench(), random_operands_for({}, generator));
  EXPECT_EQ(one.mismatches, 0) << describe(one);
  ConvolutionProblem dense{.input_channels = 100, .output_channels = 30};  // tiles of one position
  const AccumulatorComparison layer = compare(bench(), random_operands_for(dense, generator));
  EXPECT_EQ(layer.mismatches, 0) << describe(layer);
}

// Cycles are a property of the hardware, not of how the simulation is spread over threads.
TEST_P(ArrayBench, ThreadsChangeNeitherSumsNorCycles) {
  std::mt19937 generator(kSeed);
  const OwnedJob owned = random_operands_for({.input_channels = 7,
                                              .input_height = 20,
                                              .input_width = 70,
                                              .output_channels = 20,
                                              .kernel_height = 2,
                                              .kernel_width = 2},
                                             generator);
  const ProductTable table = make_product_table(bench().multiplier);
  const GridShape shape = bench().factory()->shape();
  const WeightTiling tiling(owned.problem, shape.rows, shape.columns);
  const auto run = [&](int threads) {
    return simulate_array(owned.job(table), tiling.all_tiles(), bench().factory,
                          {.threads = threads, .progress = {}});
  };
  const ArraySimulation one = run(1);
  const ArraySimulation three = run(3);
  EXPECT_EQ(three.threads, 3);
  EXPECT_EQ(one.cycles, three.cycles);
  EXPECT_TRUE(one.accumulators == three.accumulators);
}

// The formula of docs/array.md, at the least number of positions for which it holds.
TEST_P(ArrayBench, CyclesOfOnePass) {
  const GridShape shape = bench().factory()->shape();
  const int two_stage = bench().name.find("two-stage") != std::string::npos ? 1 : 0;
  const int positions = 2 * shape.rows + shape.columns - 2;
  std::mt19937 generator(kSeed);
  for (const int tiles : {1, 4}) {
    const ConvolutionProblem problem{.input_channels = tiles * shape.rows,
                                     .input_width = positions,
                                     .output_channels = shape.columns};
    ASSERT_LE(positions, shape.accumulator_depth);
    const OwnedJob owned = random_operands_for(problem, generator);
    const ProductTable table = make_product_table(bench().multiplier);
    const ArraySimulation simulation = simulate_array(owned.job(table), {0, tiles}, bench().factory,
                                                      {.threads = 1, .progress = {}});
    EXPECT_EQ(simulation.passes, 1);
    EXPECT_EQ(simulation.products, problem.product_count());
    EXPECT_EQ(simulation.cycles, shape.rows + tiles * positions + (shape.rows + 3 + two_stage) +
                                     (shape.columns - 1) - 1);
  }
}

TEST_P(ArrayBench, RangesOfTilesGiveTheirPartialSums) {
  std::mt19937 generator(kSeed);
  const OwnedJob owned = random_operands_for({.input_channels = 6,
                                              .input_height = 6,
                                              .input_width = 7,
                                              .output_channels = 40,
                                              .kernel_height = 3,
                                              .kernel_width = 3,
                                              .groups = 2},
                                             generator);
  const ProductTable table = make_product_table(bench().multiplier);
  const ConvolutionJob job = owned.job(table);
  const GridShape shape = bench().factory()->shape();
  const WeightTiling tiling(job.problem, shape.rows, shape.columns);
  const std::int64_t count = tiling.tile_count();
  const TileRange ranges[] = {
      {0, 1}, {count - 1, count}, {1, std::min<std::int64_t>(count, 6)}, {count / 3, count}};
  for (const TileRange range : ranges) {
    const std::vector<std::int16_t> weights = tiling.restrict_weights(job.weights, range);
    ConvolutionJob restricted = job;
    restricted.weights = weights;
    const ArraySimulation simulation =
        simulate_array(job, range, bench().factory, {.threads = 1, .progress = {}});
    const AccumulatorComparison comparison = compare_accumulators(
        job.problem, simulation.accumulators, ReferenceEngine().run(restricted));
    EXPECT_EQ(comparison.mismatches, 0)
        << range.first << ":" << range.last << ": " << describe(comparison);
    EXPECT_EQ(simulation.products, tiling.product_count(range));
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, ArrayBench, testing::Range<std::size_t>(0, grid_benches().size()),
                         [](const auto& instance) {
                           std::string name = grid_benches()[instance.param].name;
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

// What must be found: each of these runs compares the array with a model that is wrong in one
// place.
class ArrayMustFail : public testing::Test {
 protected:
  ArrayMustFail() : generator_(kSeed), owned_(random_operands_for(problem_, generator_)) {}

  Accumulators run_array(const OwnedJob& owned) {
    const GridBench& bench = grid_benches().back();  // 16 x 16, MBM
    const GridShape shape = bench.factory()->shape();
    const WeightTiling tiling(problem_, shape.rows, shape.columns);
    return simulate_array(owned.job(table_), tiling.all_tiles(), bench.factory,
                          {.threads = 1, .progress = {}})
        .accumulators;
  }

  const ConvolutionProblem problem_{.input_channels = 3,
                                    .input_height = 8,
                                    .input_width = 9,
                                    .output_channels = 5,
                                    .kernel_height = 3,
                                    .kernel_width = 3,
                                    .padding = 1};
  const ProductTable table_ = make_product_table("mbm");
  std::mt19937 generator_;
  OwnedJob owned_;
};

TEST_F(ArrayMustFail, NothingIsWrong) {
  const AccumulatorComparison comparison =
      compare_accumulators(problem_, run_array(owned_), ReferenceEngine().run(owned_.job(table_)));
  EXPECT_EQ(comparison.mismatches, 0) << describe(comparison);
}

TEST_F(ArrayMustFail, FlippedTableEntry) {
  // They meet in one product: output channel 1, input channel 1, tap (1, 1), input (3, 1).
  owned_.weights[27 + 9 + 4] = 201;
  owned_.activations[72 + 3 * 9 + 1] = -77;
  std::vector<std::uint16_t> products(table_.products().begin(), table_.products().end());
  products[201 * 256 + 77] ^= 2;
  const ProductTable flipped("mbm", products);
  const AccumulatorComparison comparison =
      compare_accumulators(problem_, run_array(owned_), ReferenceEngine().run(owned_.job(flipped)));
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->channel, 1);
  EXPECT_EQ(comparison.first->y, 3);
  EXPECT_EQ(comparison.first->x, 1);
  EXPECT_EQ(comparison.mismatches, 1);
}

TEST_F(ArrayMustFail, FlippedWeight) {
  const Accumulators want = ReferenceEngine().run(owned_.job(table_));
  owned_.weights[2 * 27 + 4] = static_cast<std::int16_t>(-owned_.weights[2 * 27 + 4]);
  const AccumulatorComparison comparison = compare_accumulators(problem_, run_array(owned_), want);
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->channel, 2);
  EXPECT_EQ(comparison.first->y, 0);
  EXPECT_EQ(comparison.first->x, 0);
  EXPECT_NE(comparison.first->got, comparison.first->want);
  EXPECT_EQ(comparison.mismatches, 72);  // the tap (1, 1) sees a non-zero input everywhere
}

// Terms in the order (tap, channel) instead of (channel, tap).
TEST_F(ArrayMustFail, WrongPatchOrder) {
  const Accumulators want = ReferenceEngine().run(owned_.job(table_));
  const std::vector<std::int16_t> weights = owned_.weights;
  for (std::size_t o = 0; o < 5; ++o) {
    for (std::size_t term = 0; term < 27; ++term) {
      owned_.weights[o * 27 + term] = weights[o * 27 + term % 3 * 9 + term / 3];
    }
  }
  EXPECT_GT(compare_accumulators(problem_, run_array(owned_), want).mismatches, 0);
}

// The assertions of the ports fire: loading weights while a swap is on its way, streaming without
// weights.
TEST(ArrayAssertions, ViolationsOfTheRulesAreErrors) {
  const std::vector<std::uint8_t> operands(16, 1);
  const GridBench& bench = grid_benches().front();
  GridInputs load;
  load.weight_load = true;
  load.weights.magnitudes = operands;
  GridInputs first_activation;
  first_activation.activation_valid = first_activation.first = first_activation.swap = true;
  first_activation.activations.magnitudes = operands;

  const std::unique_ptr<Grid> early = bench.factory();
  early->tick(load);
  EXPECT_THROW(early->tick(first_activation), Error);

  const std::unique_ptr<Grid> overtaking = bench.factory();
  overtaking->tick(load);
  overtaking->tick(load);
  overtaking->tick(first_activation);
  EXPECT_THROW(overtaking->tick(load), Error);
}

}  // namespace
}  // namespace mbm
