// The fast engine against the reference loop, bit for bit, for every plan of this processor.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {
namespace {

using Codes = std::vector<std::int16_t>;

struct Operands {
  Codes activations;
  Codes weights;
};

// Codes of -largest..largest (0..largest if not `negative`), a third of them extreme or zero.
Codes random_codes(std::int64_t count, int largest, bool negative, std::mt19937& random) {
  std::uniform_int_distribution<int> code(negative ? -largest : 0, largest);
  std::uniform_int_distribution<int> kind(0, 8);
  Codes codes(static_cast<std::size_t>(count));
  for (std::int16_t& value : codes) {
    switch (kind(random)) {
      case 0:
        value = static_cast<std::int16_t>(largest);
        break;
      case 1:
        value = static_cast<std::int16_t>(negative ? -largest : largest);
        break;
      case 2:
        value = 0;
        break;
      default:
        value = static_cast<std::int16_t>(code(random));
    }
  }
  return codes;
}

// A table without any structure: 0 * x is not 0, and it is not symmetric.
ProductTable random_table(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> product(0, 65535);
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::uint16_t& value : products) value = static_cast<std::uint16_t>(product(random));
  return ProductTable("random", products);
}

// The same table but for T[w][0] = 0, while T[0][a] stays.
ProductTable without_zero(const ProductTable& table) {
  std::vector<std::uint16_t> products(table.products().begin(), table.products().end());
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a)
    products[a * ProductTable::kOperands] = 0;
  return ProductTable("annihilating", products);
}

// The same table with products modulo `limit`.
ProductTable with_small_products(const ProductTable& table, int limit = 1 << 15) {
  std::vector<std::uint16_t> products(table.products().begin(), table.products().end());
  for (std::uint16_t& product : products) product = static_cast<std::uint16_t>(product % limit);
  return ProductTable("small", products);
}

// A table of rank 3 that is not symmetric and where 0 * x is not 0.
ProductTable low_rank_table(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> factor(0, 127);
  std::vector<int> products(ProductTable::kEntries);
  for (int term = 0; term < 3; ++term) {
    std::vector<int> weight(ProductTable::kOperands);
    std::vector<int> activation(ProductTable::kOperands);
    for (int& value : weight) value = factor(random);
    for (int& value : activation) value = factor(random);
    // so that each term has an entry that divides its row and column
    weight[static_cast<std::size_t>(term)] = 1;
    activation[static_cast<std::size_t>(term)] = 1;
    for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
      for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
        const bool pivots = (a < 3 && a != static_cast<std::size_t>(term)) ||
                            (b < 3 && b != static_cast<std::size_t>(term));
        if (!pivots) products[a * ProductTable::kOperands + b] += weight[a] * activation[b];
      }
    }
  }
  return ProductTable("low-rank", std::vector<std::uint16_t>(products.begin(), products.end()));
}

template <typename Sum>
std::int64_t count_differences(const std::vector<Sum>& a, const std::vector<Sum>& b) {
  if (a.size() != b.size()) return -1;
  return std::inner_product(a.begin(), a.end(), b.begin(), std::int64_t{0}, std::plus<>(),
                            std::not_equal_to<>());
}

// The largest product of a constant table that the plan can use.
int largest_constant(const std::string& plan) {
  if (plan == "factored8") return 127 * 127;
  if (plan == "paired7") return (1 << 15) - 1;
  if (plan == "skipping7") return 32639;
  return plan.rfind("factored", 0) == 0 ? 32767 : 65535;
}

bool is_factored(const std::string& plan) {
  return plan.rfind("factored", 0) == 0;
}

// Codes that a byte of the plan's activations can stand for, 0 for plans without windows.
int window_size(const std::string& plan) {
  if (plan == "vbmi9" || plan == "skipping7" || is_factored(plan)) return 0;
  if (plan.back() == '7') return 128;
  return plan.back() == '8' ? 256 : 0;
}

class EveryPlan : public testing::TestWithParam<std::string> {
 protected:
  int largest_activation() const { return GetParam() == "factored8" ? 127 : 255; }
  int largest_weight() const { return is_skipping() ? 127 : 255; }

  CpuEngineOptions options(int threads) const {
    CpuEngineOptions result;
    result.threads = threads;
    result.plan = GetParam();
    return result;
  }

  bool is_paired() const { return GetParam() == "paired7"; }
  bool is_skipping() const { return GetParam() == "skipping7"; }

  // Signs of activations that the plan can use.
  std::vector<bool> negative() const {
    return is_paired() ? std::vector<bool>{false} : std::vector<bool>{false, true};
  }

  // The hardest tables that the plan can use.
  std::vector<ProductTable> tables(unsigned seed) const {
    if (is_factored(GetParam())) return {make_product_table("exact"), low_rank_table(seed)};
    if (is_paired()) {
      return {make_product_table("mitchell"),
              without_zero(with_small_products(random_table(seed)))};
    }
    if (is_skipping()) {
      return {
          make_product_table("mitchell"),
          without_zero(with_small_products(random_table(seed), largest_constant(GetParam()) + 1))};
    }
    // Activations outside the window need products with 0 that are 0.
    if (window_size(GetParam()) != 0) {
      return {make_product_table("mbm"), without_zero(random_table(seed))};
    }
    return {make_product_table("mbm"), random_table(seed)};
  }

  // Differences between the plan and the reference.
  std::int64_t differences(const ConvolutionJob& job, int threads = 2) {
    const auto engine = make_cpu_engine(options(threads));
    EXPECT_EQ(engine->describe(job).rfind(GetParam(), 0), 0U) << "the plan did not run";
    ReferenceEngine reference;
    return count_differences(engine->run(job), reference.run(job));
  }
};

std::string plan_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Cpu, EveryPlan, testing::ValuesIn(cpu_plans()), plan_name);

// All pairs of magnitudes with all signs, one product per sum: the output channel is the weight.
TEST_P(EveryPlan, EqualsReferenceForEveryPairOfOperands) {
  const int largest = largest_activation();
  for (const bool negative : negative()) {
    Codes weights;
    for (int code = -largest_weight(); code <= largest_weight(); ++code) {
      weights.push_back(static_cast<std::int16_t>(code));
    }
    Codes activations;
    for (int code = negative ? -largest : 0; code <= largest; ++code) {
      activations.push_back(static_cast<std::int16_t>(code));
    }
    ConvolutionProblem problem;
    problem.input_width = static_cast<std::int64_t>(activations.size());
    problem.output_channels = static_cast<std::int64_t>(weights.size());
    for (const ProductTable& table : tables(1)) {
      EXPECT_EQ(differences({problem, activations, weights, &table}), 0) << table.name();
    }
  }
}

// One changed entry of the table changes the sums that use it, and no others.
TEST_P(EveryPlan, OneFlippedTableEntryIsSeen) {
  const ProductTable table = tables(2).back();
  std::vector<std::uint16_t> products(table.products().begin(), table.products().end());
  products[100 * 256 + 77] += 1;
  const ProductTable flipped("flipped", products);
  ConvolutionProblem problem;
  problem.input_width = 128;
  problem.output_channels = largest_weight() + 1;
  Codes activations(128);
  std::iota(activations.begin(), activations.end(), std::int16_t{0});
  Codes weights(static_cast<std::size_t>(problem.output_channels));
  std::iota(weights.begin(), weights.end(), std::int16_t{0});
  const auto engine = make_cpu_engine(options(1));
  ReferenceEngine reference;
  EXPECT_EQ(count_differences(engine->run({problem, activations, weights, &flipped}),
                              reference.run({problem, activations, weights, &table})),
            1);
}

// Sums of the largest products of one sign, and of alternating signs: nothing overflows.
TEST_P(EveryPlan, EqualsReferenceAtTheLargestSums) {
  const std::vector<std::uint16_t> products(
      ProductTable::kEntries, static_cast<std::uint16_t>(largest_constant(GetParam())));
  const ProductTable constant("largest", products);
  const bool annihilates = window_size(GetParam()) != 0 || is_skipping();
  const ProductTable table = annihilates ? without_zero(constant) : constant;
  ConvolutionProblem problem;
  problem.input_channels = 4 * 1024;
  problem.input_width = 3;
  problem.output_channels = 4;
  for (const int magnitude : {100, largest_activation()}) {
    for (const bool negative : negative()) {
      Codes activations(static_cast<std::size_t>(problem.activation_count()),
                        static_cast<std::int16_t>(negative ? -magnitude : magnitude));
      Codes weights(static_cast<std::size_t>(problem.weight_count()),
                    static_cast<std::int16_t>(largest_weight()));
      for (std::size_t i = 0; i < weights.size() / 2; ++i) {
        const bool below = i < weights.size() / 4 || i % 2 == 0;
        weights[i] = static_cast<std::int16_t>(below ? -largest_weight() : largest_weight());
      }
      EXPECT_EQ(differences({problem, activations, weights, &table}), 0);
    }
  }
}

ConvolutionProblem random_problem(std::mt19937& random) {
  const auto draw = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  ConvolutionProblem problem;
  problem.groups = draw(0, 2) == 0 ? draw(1, 5) : 1;
  problem.batch = draw(1, 3);
  problem.input_channels = problem.groups * (draw(0, 4) == 0 ? draw(30, 60) : draw(1, 9));
  problem.output_channels = problem.groups * (draw(0, 1) == 0 ? draw(17, 40) : draw(1, 9));
  problem.kernel_height = draw(1, 4);
  problem.kernel_width = draw(1, 4);
  problem.stride = draw(1, 3);
  problem.padding = draw(0, 3);
  problem.dilation = draw(1, 3);
  const auto smallest = [&](std::int64_t kernel) {
    return std::max<std::int64_t>(1, problem.dilation * (kernel - 1) + 1 - 2 * problem.padding);
  };
  problem.input_height = smallest(problem.kernel_height) + draw(0, 11);
  problem.input_width = smallest(problem.kernel_width) + draw(0, 25);
  return problem;
}

TEST_P(EveryPlan, EqualsReferenceOnRandomProblems) {
  const std::vector<ProductTable> both = tables(3);
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const ConvolutionProblem problem = random_problem(random);
    const bool negative = seed % 3 != 0 && !is_paired();
    const Codes activations =
        random_codes(problem.activation_count(), largest_activation(), negative, random);
    const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
    EXPECT_EQ(differences({problem, activations, weights, &both[seed % both.size()]}), 0)
        << problem.description() << " seed " << seed;
  }
}

// Activations that a window holds, of both signs, and 0 * x that is not 0.
TEST_P(EveryPlan, EqualsReferenceWithinItsWindow) {
  const int size = window_size(GetParam());
  if (size == 0) return;
  const ProductTable table = with_small_products(random_table(15));
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    const ConvolutionProblem problem = random_problem(random);
    const Codes activations = random_codes(problem.activation_count(),
                                           is_paired() ? 127 : size / 2 - 8, !is_paired(), random);
    const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
    const ConvolutionJob job{problem, activations, weights, &table};
    EXPECT_EQ(make_cpu_engine(options(1))->describe(job).find("outliers"), std::string::npos);
    EXPECT_EQ(differences(job), 0) << problem.description() << " seed " << seed;
  }
}

// Few activations outside the window, at the edges of images and of tiles too, as a network has
// them; sums of one tile in several blocks.
TEST_P(EveryPlan, EqualsReferenceWithFewOutliers) {
  if (window_size(GetParam()) == 0) return;
  const ProductTable table = tables(16).back();
  for (unsigned seed = 0; seed < 12; ++seed) {
    std::mt19937 random(seed);
    const ConvolutionProblem problem{.batch = 2,
                                     .input_channels = 34,
                                     .input_height = 13,
                                     .input_width = 27,
                                     .output_channels = 18 + 2 * seed,
                                     .kernel_height = 3,
                                     .kernel_width = 3,
                                     .stride = 1 + seed % 3,
                                     .padding = seed % 2,
                                     .groups = seed % 4 == 0 ? 2 : 1};
    Codes activations = random_codes(problem.activation_count(), 40, !is_paired(), random);
    for (std::size_t i = seed; i < activations.size(); i += 97) {
      activations[i] = static_cast<std::int16_t>(!is_paired() && i % 2 == 0 ? -255 : 254);
    }
    const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
    EXPECT_EQ(differences({problem, activations, weights, &table}), 0)
        << problem.description() << " seed " << seed;
  }
}

// Shapes at the edges of tiles, blocks and images.
TEST_P(EveryPlan, EqualsReferenceOnOddShapes) {
  const ConvolutionProblem problems[] = {
      {.input_channels = 1},
      {.input_channels = 17, .output_channels = 1},
      {.input_channels = 129, .output_channels = 3},
      {.input_channels = 2,
       .input_height = 5,
       .input_width = 3,
       .output_channels = 2,
       .kernel_height = 3,
       .kernel_width = 3,
       .padding = 1},
      {.input_channels = 2, .input_height = 1, .input_width = 321, .output_channels = 2},
      {.batch = 5, .input_channels = 3, .input_height = 8, .input_width = 8, .output_channels = 2},
      {.input_channels = 128, .input_height = 2, .input_width = 32, .output_channels = 2},
      {.input_height = 2, .input_width = 2, .kernel_height = 5, .kernel_width = 5, .padding = 4},
      {.input_channels = 3,
       .input_height = 40,
       .input_width = 33,
       .output_channels = 33,
       .kernel_height = 3,
       .kernel_width = 3,
       .stride = 2,
       .padding = 1},
      {.batch = 2,
       .input_channels = 30,
       .input_height = 60,
       .input_width = 33,
       .output_channels = 2,
       .kernel_height = 3,
       .kernel_width = 3,
       .padding = 1},
      {.input_channels = 20,
       .input_height = 9,
       .input_width = 70,
       .output_channels = 20,
       .kernel_height = 3,
       .kernel_width = 3,
       .stride = 2,
       .padding = 1,
       .groups = 20},
  };
  const ProductTable table = tables(4).back();
  std::mt19937 random(5);
  for (const ConvolutionProblem& problem : problems) {
    const Codes activations =
        random_codes(problem.activation_count(), largest_activation(), !is_paired(), random);
    const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
    EXPECT_EQ(differences({problem, activations, weights, &table}, 3), 0) << problem.description();
  }
}

// 32,769 products of 65,535 pass int32: `run` refuses, `run_wide` is exact. A plan that skips zeros
// takes no reduction that could.
TEST_P(EveryPlan, SumsBeyondInt32AreWide) {
  if (is_skipping()) {
    const ConvolutionProblem longest{.input_channels = 65536};
    const Codes ones(65536, 1);
    const ProductTable mitchell = make_product_table("mitchell");
    EXPECT_THROW(make_cpu_engine(options(1))->describe({longest, ones, ones, &mitchell}), Error);
    return;
  }
  const int product = largest_constant(GetParam());
  const std::vector<std::uint16_t> products(ProductTable::kEntries,
                                            static_cast<std::uint16_t>(product));
  const ProductTable constant("largest", products);
  const ProductTable& table = constant;
  ConvolutionProblem problem;
  problem.input_channels = (std::int64_t{1} << 31) / product + 1;
  problem.output_channels = 18;
  const Codes activations(static_cast<std::size_t>(problem.activation_count()), 1);
  Codes weights(static_cast<std::size_t>(problem.weight_count()), -1);
  weights[5] = 1;
  const ConvolutionJob job{problem, activations, weights, &table};
  const auto engine = make_cpu_engine(options(2));
  EXPECT_THROW(engine->run(job), Error);
  WideAccumulators expected(18, -problem.input_channels * product);
  expected[0] += 2 * product;
  EXPECT_EQ(engine->run_wide(job), expected);
  EXPECT_EQ(ReferenceEngine().run_wide(job), expected);
}

TEST_P(EveryPlan, WideSumsEqualTheOthers) {
  const ProductTable table = tables(6).back();
  std::mt19937 random(7);
  const ConvolutionProblem problem{.input_channels = 40,
                                   .input_height = 9,
                                   .input_width = 13,
                                   .output_channels = 20,
                                   .kernel_height = 3,
                                   .kernel_width = 3,
                                   .padding = 1};
  const Codes activations =
      random_codes(problem.activation_count(), largest_activation(), !is_paired(), random);
  const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
  const ConvolutionJob job{problem, activations, weights, &table};
  EXPECT_EQ(count_differences(make_cpu_engine(options(2))->run_wide(job),
                              ReferenceEngine().run_wide(job)),
            0);
}

TEST(CpuEngine, EveryPlanOfTheProcessorIsOffered) {
  const std::vector<std::string> plans = cpu_plans();
  const auto offers = [&](const char* plan) {
    return std::find(plans.begin(), plans.end(), plan) != plans.end();
  };
  EXPECT_EQ(plans.back(), "scalar");
  for (const char* plan : {"avx2", "factored-avx2"}) {
    EXPECT_EQ(offers(plan), static_cast<bool>(__builtin_cpu_supports("avx2"))) << plan;
  }
  const bool avx512 = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  for (const char* plan : {"vbmi7", "vbmi8", "vbmi9", "grouped7", "grouped8", "factored",
                           "factored8", "paired7", "skipping7"})
    EXPECT_EQ(offers(plan), avx512) << plan;
}

// A processor without AVX-512, and one without AVX2, give the same bits.
TEST(CpuEngine, InstructionSetsAgree) {
  const ConvolutionProblem problem{.input_channels = 33,
                                   .input_height = 17,
                                   .input_width = 19,
                                   .output_channels = 48,
                                   .kernel_height = 3,
                                   .kernel_width = 3,
                                   .padding = 1};
  std::mt19937 random(8);
  const Codes activations = random_codes(problem.activation_count(), 255, true, random);
  const Codes weights = random_codes(problem.weight_count(), 255, true, random);
  for (const char* name : {"mbm", "exact"}) {
    const ProductTable table = make_product_table(name);
    const ConvolutionJob job{problem, activations, weights, &table};
    const Accumulators expected = ReferenceEngine().run(job);
    for (const auto set : {InstructionSet::avx512, InstructionSet::avx2, InstructionSet::scalar}) {
      const auto engine = make_cpu_engine({.threads = 2, .plan = "", .instruction_set = set});
      EXPECT_EQ(count_differences(engine->run(job), expected), 0) << engine->describe(job);
      if (set != InstructionSet::avx512) {
        EXPECT_EQ(engine->describe(job).find("vbmi"), std::string::npos);
      }
      if (set == InstructionSet::avx2 && detected_instruction_set() >= set) {
        EXPECT_EQ(engine->describe(job),
                  table.name() == "mbm" ? "avx2, signed" : "factored-avx2, 1 terms");
      }
      if (set == InstructionSet::scalar) {
        EXPECT_EQ(engine->describe(job), "scalar, signed");
      }
    }
  }
}

// What is chosen when nothing is forced.
TEST(CpuEngine, ThePlanFollowsTheJob) {
  if (detected_instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "no AVX-512 VBMI";
  const auto engine = make_cpu_engine(1);
  const ProductTable mbm = make_product_table("mbm");
  const ProductTable exact = make_product_table("exact");
  ConvolutionProblem problem{.input_channels = 8, .input_width = 9, .output_channels = 32};
  Codes activations(static_cast<std::size_t>(problem.activation_count()), 127);
  // All of a channel differ, so that none can be grouped.
  Codes weights(static_cast<std::size_t>(problem.weight_count()));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<std::int16_t>(248 + i % 8);
  }
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "vbmi7");
  Codes small = weights;
  for (std::int16_t& weight : small) weight = static_cast<std::int16_t>(weight - 200);
  EXPECT_EQ(engine->describe({problem, activations, small, &mbm}), "paired7");
  EXPECT_EQ(engine->describe({problem, activations, weights, &exact}), "factored8, 1 terms");
  activations[3] = 128;
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "vbmi8");
  std::fill(activations.begin(), activations.begin() + 36, std::int16_t{200});
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "vbmi8");
  activations[3] = -40;
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "vbmi8, signed");
  std::fill(activations.begin() + 36, activations.end(), std::int16_t{-100});
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "vbmi9, signed");
  problem.groups = 8;
  const Codes fewer(static_cast<std::size_t>(problem.weight_count()), 255);
  EXPECT_EQ(engine->describe({problem, activations, fewer, &mbm}), "vbmi9, signed, planes");
  std::replace(activations.begin(), activations.end(), std::int16_t{200}, std::int16_t{100});
  EXPECT_EQ(engine->describe({problem, activations, fewer, &mbm}), "vbmi8, signed, planes");
}

// Zeros are skipped where there are many and weights have 7 bits.
TEST(CpuEngine, ManyZerosAreSkipped) {
  if (detected_instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "no AVX-512 VBMI";
  const auto engine = make_cpu_engine(1);
  const ProductTable mbm = make_product_table("mbm");
  const ConvolutionProblem problem{
      .input_channels = 256, .input_height = 9, .input_width = 9, .output_channels = 128};
  std::mt19937 random(17);
  Codes activations = random_codes(problem.activation_count(), 200, false, random);
  Codes weights = random_codes(problem.weight_count(), 127, true, random);
  for (std::size_t i = 0; i < activations.size(); ++i) {
    if (i % 4 != 0) activations[i] = 0;
  }
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}), "skipping7");
  weights[5] = -128;
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}).find("skipping7"),
            std::string::npos);
  weights[5] = -127;
  std::replace(activations.begin(), activations.end(), std::int16_t{0}, std::int16_t{1});
  EXPECT_EQ(engine->describe({problem, activations, weights, &mbm}).find("skipping7"),
            std::string::npos);
}

// Factors of 8 bits without sign, and weights beyond a byte.
TEST(CpuEngine, ActivationsOfEightBitsWithoutSignAreFactored) {
  if (detected_instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "no AVX-512 VBMI";
  const auto engine = make_cpu_engine({.threads = 2, .plan = "factored8"});
  std::mt19937 random(14);
  for (const ProductTable& table : {make_product_table("exact"), make_product_table("drum:4")}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      const ConvolutionProblem problem = random_problem(random);
      const Codes activations = random_codes(problem.activation_count(), 255, false, random);
      const Codes weights = random_codes(problem.weight_count(), 255, true, random);
      const ConvolutionJob job{problem, activations, weights, &table};
      EXPECT_EQ(count_differences(engine->run(job), ReferenceEngine().run(job)), 0)
          << table.name() << " " << problem.description();
    }
  }
}

// Weights with an id are recognised by it, not by where they lie or what they hold.
TEST(CpuEngine, WeightsAreRecognisedByTheirId) {
  const ProductTable table = make_product_table("mbm");
  const auto engine = make_cpu_engine(1);
  const Codes activations{3};
  Codes weights{5};
  const ConvolutionJob named{{}, activations, weights, &table, new_weights_id()};
  EXPECT_EQ(engine->run(named), Accumulators{table(5, 3)});
  weights[0] = 6;  // breaks the promise: the engine need not look
  EXPECT_EQ(engine->run(named), Accumulators{table(5, 3)});
  const ConvolutionJob renamed{{}, activations, weights, &table, new_weights_id()};
  EXPECT_EQ(engine->run(renamed), Accumulators{table(6, 3)});
}

TEST(CpuEngine, RoomForTheSumsMustFit) {
  const ProductTable table = make_product_table("mbm");
  const Codes codes{3};
  Accumulators sums(2);
  EXPECT_THROW(make_cpu_engine(1)->run_into({{}, codes, codes, &table}, sums), Error);
  EXPECT_THROW(ReferenceEngine().run_into({{}, codes, codes, &table}, sums), Error);
}

// Weights of few magnitudes: grouped, those of few activations apart.
TEST(CpuEngine, ThePlanOfGroupedWeightsFollowsTheActivations) {
  if (detected_instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "no AVX-512 VBMI";
  const auto engine = make_cpu_engine(2);
  const ProductTable mbm = make_product_table("mbm");
  const ConvolutionProblem problem{.input_channels = 90,
                                   .input_height = 12,
                                   .input_width = 13,
                                   .output_channels = 70,
                                   .kernel_height = 3,
                                   .kernel_width = 3,
                                   .padding = 1};
  std::mt19937 random(13);
  const Codes weights = random_codes(problem.weight_count(), 40, true, random);
  Codes activations = random_codes(problem.activation_count(), 56, true, random);
  const Codes spread = random_codes(problem.weight_count(), 255, true, random);
  EXPECT_EQ(engine->describe({problem, activations, spread, &mbm}), "vbmi7, signed");
  const ConvolutionJob job{problem, activations, weights, &mbm};
  const auto differs = [&] {
    return count_differences(engine->run(job), ReferenceEngine().run(job));
  };
  EXPECT_EQ(engine->describe(job), "grouped7, signed");
  EXPECT_EQ(differs(), 0);
  for (std::size_t i = 0; i < activations.size(); i += 201) activations[i] = -200;
  EXPECT_EQ(engine->describe(job), "grouped7, signed, outliers");
  EXPECT_EQ(differs(), 0);
  for (std::size_t i = 0; i < activations.size(); i += 3) activations[i] = 190;
  EXPECT_EQ(engine->describe(job), "grouped8, signed");
  EXPECT_EQ(differs(), 0);
}

TEST(CpuEngine, AForcedPlanThatCannotRunSaysWhy) {
  if (detected_instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "no AVX-512 VBMI";
  const ProductTable mbm = make_product_table("mbm");
  const ProductTable random = random_table(17);
  const Codes large{200};
  const Codes small{100};
  EXPECT_THROW(make_cpu_engine({.threads = 1, .plan = "vbmi7"})->run({{}, large, small, &random}),
               Error);
  EXPECT_THROW(make_cpu_engine({.threads = 1, .plan = "factored"})->run({{}, small, small, &mbm}),
               Error);
}

TEST(CpuEngine, AnUnknownPlanNamesTheKnownOnes) {
  try {
    make_cpu_engine({.threads = 1, .plan = "vbmi10"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("scalar"), std::string::npos);
  }
}

TEST(CpuEngine, OperandsBeyondTheRangeAreRefused) {
  const ProductTable table = make_product_table("mbm");
  const auto engine = make_cpu_engine(1);
  const Codes good{1};
  const Codes bad{256};
  EXPECT_THROW(engine->run({{}, bad, good, &table}), Error);
  EXPECT_THROW(engine->run({{}, good, bad, &table}), Error);
}

// What is kept from one run is not taken for another's.
TEST_P(EveryPlan, LayersInTurnAreNotConfused) {
  const auto engine = make_cpu_engine(options(2));
  std::mt19937 random(11);
  const std::vector<ProductTable> both = tables(12);
  const ConvolutionProblem problem{.input_channels = 8, .input_width = 70, .output_channels = 24};
  const Codes activations =
      random_codes(problem.activation_count(), largest_activation(), !is_paired(), random);
  const Codes weights = random_codes(problem.weight_count(), largest_weight(), true, random);
  Codes changed = weights;
  changed.back() = static_cast<std::int16_t>(changed.back() == 7 ? 8 : 7);
  ConvolutionProblem grouped = problem;  // as many weights, of another shape
  grouped.input_channels = 16;
  grouped.groups = 2;
  const Codes more =
      random_codes(grouped.activation_count(), largest_activation(), !is_paired(), random);
  for (int round = 0; round < 2; ++round) {
    for (const ProductTable& table : both) {
      for (const Codes& layer : {weights, changed}) {
        for (const auto& [shape, input] :
             {std::pair(problem, &activations), std::pair(grouped, &more)}) {
          const ConvolutionJob job{shape, *input, layer, &table};
          EXPECT_EQ(count_differences(engine->run(job), ReferenceEngine().run(job)), 0);
        }
      }
    }
  }
}

TEST(CpuEngine, TwoTablesInTurnAreNotConfused) {
  const auto engine = make_cpu_engine(1);
  const Codes seven{7};
  for (int i = 0; i < 40; ++i) {
    const ProductTable table = random_table(static_cast<unsigned>(i));
    EXPECT_EQ(engine->run({{}, seven, seven, &table}), Accumulators{table(7, 7)});
  }
}

}  // namespace
}  // namespace mbm
