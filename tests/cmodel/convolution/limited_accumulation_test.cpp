// Accumulators of limited width: the definition on sums worked out by hand, and the fast engine
// against the definition.
#include "cmodel/convolution/limited_accumulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

AccumulatorLimit limit_of(int bits, AccumulatorOverflow overflow = AccumulatorOverflow::saturate,
                          LimitedAdditions additions = LimitedAdditions::every,
                          AdditionOrder order = AdditionOrder::loop, int rows = 16) {
  return {bits, overflow, additions, order, rows};
}

// One output of `weights` with activations of 1.
struct Sum {
  explicit Sum(std::vector<std::int16_t> addends) : weights(std::move(addends)) {
    problem.input_channels = static_cast<std::int64_t>(weights.size());
    activations.assign(weights.size(), 1);
  }

  std::int32_t under(const AccumulatorLimit& limit) const {
    ReferenceEngine engine;
    return engine.run_limited({problem, activations, weights, &table}, limit).at(0);
  }

  ConvolutionProblem problem;
  std::vector<std::int16_t> weights;
  std::vector<std::int16_t> activations;
  ProductTable table = make_product_table("exact");
};

constexpr auto kSaturate = AccumulatorOverflow::saturate;
constexpr auto kWrap = AccumulatorOverflow::wrap;
constexpr auto kEvery = LimitedAdditions::every;
constexpr auto kLast = LimitedAdditions::last;

// In 8 bits: 100, 127 (200), -73, -128 (-173) and so on.
TEST(AccumulatorLimit, IsWhatItsDefinitionSays) {
  const Sum sum({100, 100, -200, -100, 50});
  EXPECT_EQ(sum.under(limit_of(8)), -78);  // 100 127 -73 -128 -78
  EXPECT_EQ(sum.under(limit_of(8, kSaturate, kLast)), -50);
  EXPECT_EQ(sum.under(limit_of(8, kWrap)), -50);
  EXPECT_EQ(sum.under(limit_of(9)), -50);
  const Sum large({100, 100});
  EXPECT_EQ(large.under(limit_of(8, kSaturate, kLast)), 127);
  EXPECT_EQ(large.under(limit_of(8, kWrap)), 200 - 256);
  EXPECT_EQ(large.under(limit_of(8, kWrap, kLast)), 200 - 256);
  EXPECT_EQ(large.under(limit_of(9)), 200);
}

// The array adds chunks: 100 + 100 - 200 is one addend of three rows, and then nothing saturates.
TEST(AccumulatorLimit, OrderOfAdditionCounts) {
  const Sum sum({100, 100, -200, 100});
  const auto under = [&](int rows) {
    return sum.under(limit_of(8, kSaturate, kEvery, AdditionOrder::array, rows));
  };
  EXPECT_EQ(sum.under(limit_of(8)), 27);  // 100 127 -73 27
  EXPECT_EQ(under(1), 27);
  EXPECT_EQ(under(2), 27);  // 127 (200), 27
  EXPECT_EQ(under(3), 100);
  EXPECT_EQ(under(16), 100);
}

// docs/accelerator.md, section 3: kernel row, then columns and channels as they lie in memory.
TEST(AccumulatorLimit, ArrayTakesOperandsAsTheyLieInMemory) {
  ConvolutionProblem problem;
  problem.input_channels = 2;
  problem.kernel_height = problem.kernel_width = 2;
  problem.input_height = problem.input_width = 2;
  const auto order_of = [&](int rows) {
    return term_order(problem, limit_of(8, kSaturate, kEvery, AdditionOrder::array, rows));
  };
  const TermOrder order = order_of(3);
  std::vector<std::int64_t> codes;  // row, column, channel as digits
  for (const SumTerm& term : order.terms) {
    codes.push_back(100 * term.row + 10 * term.column + term.channel);
  }
  EXPECT_THAT(codes, ElementsAre(0, 1, 10, 11, 100, 101, 110, 111));
  EXPECT_THAT(order.addend_ends, ElementsAre(3, 4, 7, 8));
  EXPECT_THAT(order_of(4).addend_ends, ElementsAre(4, 8));
  problem.groups = 2;
  problem.output_channels = 2;
  EXPECT_THAT(order_of(4).addend_ends, ElementsAre(1, 2, 3, 4));
}

TEST(AccumulatorLimit, BitsNeeded) {
  EXPECT_EQ(bits_needed(0), 1);
  EXPECT_EQ(bits_needed(-1), 1);
  EXPECT_EQ(bits_needed(127), 8);
  EXPECT_EQ(bits_needed(-128), 8);
  EXPECT_EQ(bits_needed(128), 9);
  // The LeNet-5 study's recorded sums, all of 17 bits.
  for (const int sum : {-52685, 48834, -45165, -47968, 60838, -36443}) {
    EXPECT_EQ(bits_needed(sum), 17) << sum;
  }
}

TEST(AccumulatorLimit, RefusesWhatIsOutOfRange) {
  const Sum sum({1});
  for (const int bits : {-1, 0, 7, 33, 1000}) {
    test::expect_error(ErrorKind::usage, {std::to_string(bits) + " bits", "8 to 32"},
                       [&] { sum.under(limit_of(bits)); });
  }
  test::expect_error(ErrorKind::usage, {"0 rows"},
                     [&] { sum.under(limit_of(8, kSaturate, kEvery, AdditionOrder::array, 0)); });
  test::expect_error(ErrorKind::usage, {"'clip'", "saturate or wrap"},
                     [] { parse_accumulator_overflow("clip"); });
}

struct RandomJob {
  RandomJob(ConvolutionProblem geometry, const std::string& multiplier, unsigned seed)
      : problem(geometry), table(make_product_table(multiplier)) {
    std::mt19937 random(seed);
    const auto operand = [&](int lowest) {
      return static_cast<std::int16_t>(
          lowest + static_cast<int>(random() % static_cast<unsigned>(256 - lowest)));
    };
    for (std::int64_t i = 0; i < problem.activation_count(); ++i) {
      activations.push_back(operand(-40));
    }
    for (std::int64_t i = 0; i < problem.weight_count(); ++i) weights.push_back(operand(-255));
  }

  ConvolutionJob job() const { return {problem, activations, weights, &table}; }

  ConvolutionProblem problem;
  ProductTable table;
  std::vector<std::int16_t> activations;
  std::vector<std::int16_t> weights;
};

std::vector<ConvolutionProblem> problems() {
  ConvolutionProblem plain{.batch = 3,
                           .input_channels = 3,
                           .input_height = 9,
                           .input_width = 7,
                           .output_channels = 5,
                           .kernel_height = 3,
                           .kernel_width = 3,
                           .padding = 1};
  ConvolutionProblem grouped = plain;
  grouped.input_channels = 4;
  grouped.output_channels = 6;
  grouped.groups = 2;
  grouped.stride = 2;
  ConvolutionProblem dilated = plain;
  dilated.dilation = 2;
  ConvolutionProblem connected{.batch = 70, .input_channels = 40, .output_channels = 3};
  return {plain, grouped, dilated, connected};
}

// Calls check(random job, limit) for many of both.
template <typename Check>
void for_jobs_and_limits(const Check& check) {
  unsigned seed = 1;
  for (const ConvolutionProblem& problem : problems()) {
    for (const char* multiplier : {"exact", "mbm"}) {
      const RandomJob random(problem, multiplier, seed++);
      for (const int bits : {8, 15, 17, 19, 32}) {
        for (const auto additions : {kEvery, kLast}) {
          check(random, limit_of(bits, kSaturate, additions));
          check(random, limit_of(bits, kWrap, additions));
          check(random, limit_of(bits, kSaturate, additions, AdditionOrder::array, 4));
        }
      }
    }
  }
}

TEST(LimitedAccumulation, CpuEngineGivesTheBitsOfTheReference) {
  ReferenceEngine reference;
  const auto cpu = make_cpu_engine(2);
  std::size_t saturating = 0;
  for_jobs_and_limits([&](const RandomJob& random, const AccumulatorLimit& limit) {
    const Accumulators expected = reference.run_limited(random.job(), limit);
    ASSERT_EQ(cpu->run_limited(random.job(), limit), expected)
        << random.problem.description() << " " << limit.bits;
    saturating +=
        limits_every_addition(random.job(), limit) && expected != reference.run(random.job());
  });
  EXPECT_GT(saturating, 20U);  // the vectorised loop ran, and something saturated
}

// Arithmetic modulo 2^b has no order and no middle.
TEST(LimitedAccumulation, WrappingIsTheSameAfterEveryAdditionAndSaturatingIsNot) {
  ReferenceEngine engine;
  const RandomJob random(problems()[0], "exact", 77);
  const auto run = [&](AccumulatorOverflow overflow, LimitedAdditions additions) {
    return engine.run_limited(random.job(), limit_of(17, overflow, additions));
  };
  EXPECT_EQ(run(kWrap, kEvery), run(kWrap, kLast));
  EXPECT_NE(run(kSaturate, kEvery), run(kSaturate, kLast));
  EXPECT_NE(run(kSaturate, kEvery), run(kWrap, kEvery));
}

// One flipped weight, one bit less: the comparison must notice.
TEST(LimitedAccumulation, TwinsDiffer) {
  const auto cpu = make_cpu_engine(1);
  RandomJob random(problems()[0], "mbm", 5);
  const Accumulators sums = cpu->run_limited(random.job(), limit_of(18));
  EXPECT_NE(cpu->run_limited(random.job(), limit_of(17)), sums);
  random.weights[4] = static_cast<std::int16_t>(-random.weights[4]);
  EXPECT_NE(cpu->run_limited(random.job(), limit_of(18)), sums);
}

// By hand: 200, 150, 160, -40; a range counts partial sums, not only the last ones.
TEST(LimitedAccumulation, RangeOfPartialSums) {
  const Sum sum({200, -50, 10, -200});
  ThreadPool pool(1);
  const PartialSumRange range = partial_sum_range(
      {sum.problem, sum.activations, sum.weights, &sum.table}, limit_of(32), pool);
  EXPECT_EQ(range.largest, 200);
  EXPECT_EQ(range.smallest, -40);
}

}  // namespace
}  // namespace mbm
