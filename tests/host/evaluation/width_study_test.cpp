// Recorded sums, the search for widths, and the LeNet-5 study's E_w.
#include "host/evaluation/width_study.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/evaluation/published_lenet5.hpp"
#include "host/network/lenet5.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

TEST(SumHistogram, DoublesItsBins) {
  SumHistogram histogram;
  for (const std::int64_t value : {-64, 0, 1, 63}) histogram.add(value);
  EXPECT_EQ(histogram.bin_width(), 1);
  EXPECT_EQ(histogram.counts()[0], 1);
  EXPECT_EQ(histogram.counts()[64], 1);
  histogram.add(64);  // two a bin from here on
  EXPECT_EQ(histogram.bin_width(), 2);
  EXPECT_EQ(histogram.lowest(), -128);
  EXPECT_EQ(histogram.counts()[64], 2);       // 0 and 1
  EXPECT_EQ(histogram.counts()[64 + 32], 1);  // 64
  EXPECT_EQ(histogram.counts()[32], 1);       // -64
  histogram.add(-1000000);
  std::int64_t total = 0;
  for (const std::int64_t count : histogram.counts()) total += count;
  EXPECT_EQ(total, 6);
  EXPECT_LE(histogram.lowest(), -1000000);
}

// One layer of weights 200 and -50 on activations of 1: partial sums 200, 150.
WidthStudy small_study(const ProductTable& table, ConvolutionEngine& engine) {
  IntegerNetwork network;
  network.tensors = {{"in", 2, 1, 1, OperandFormat::uint8, 1.0F},
                     {"out", 1, 1, 1, OperandFormat::sign_magnitude8, 1.0F}};
  ConvolutionProblem problem;
  problem.input_channels = 2;
  Requantization requantization;
  requantization.channels = {channel_requantization(1.0, 1.0, 0)};
  network.nodes = {{"layer", IntegerConvolution{problem, {200, -50}, requantization}, {0}, 1}};
  network.inputs = {0};
  network.output = 1;
  const auto count_right = [](std::size_t, const Codes& outputs) {
    return static_cast<std::int64_t>(std::count(outputs.begin(), outputs.end(), 150));
  };
  return WidthStudy(network, {{{{1, 1, 2, 0}}, 2}}, count_right, table, engine, {});
}

TEST(WidthStudy, CountsAnswersAndRecordsSums) {
  const ProductTable table = make_product_table("exact");
  const auto engine = make_cpu_engine(1);
  WidthStudy study = small_study(table, *engine);
  EXPECT_THAT(study.layers(), ElementsAre("layer"));
  EXPECT_EQ(study.right_answers({9}), 1);  // 150; the other image gives 255 (of 400)
  EXPECT_EQ(study.right_answers({8}), 0);  // 127 - 50
  const std::vector<LayerSums> sums = study.record_sums(1);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0].smallest, 150);
  EXPECT_EQ(sums[0].largest, 400);
  EXPECT_EQ(sums[0].mean, 275);
  EXPECT_EQ(sums[0].deviation, 125);
  EXPECT_EQ(sums[0].smallest_partial, 0);
  EXPECT_EQ(sums[0].largest_partial, 400);
  EXPECT_EQ(sums[0].bits_of_sums(), 10);
  EXPECT_EQ(sums[0].worst_case_bits(), 18);  // 2 * 65025
  test::expect_error(ErrorKind::usage, {"7 bits", "8 to 32"}, [&] { study.right_answers({7}); });
  test::expect_error(ErrorKind::usage, {"33 bits"}, [&] { study.right_answers({33}); });
  test::expect_error(ErrorKind::usage, {"2 widths"}, [&] { study.right_answers({9, 9}); });
}

// Three layers that need 10, 12 and 9 bits alone, and together one more somewhere: the sum of the
// widths must be 33, and the first layer gains most from a bit.
std::int64_t made_up_answers(const AccumulatorWidths& widths) {
  if (widths[0] < 10 || widths[1] < 12 || widths[2] < 9) return 0;
  const int sum = widths[0] + widths[1] + widths[2];
  return sum >= 33 ? 1000 : 900 + sum + (widths[0] > 10 ? 10 : 0);
}

TEST(WidthSearch, FindsTheSmallestWidths) {
  const WidthSearch search = search_widths(3, 8, 32, 995, made_up_answers);
  EXPECT_THAT(search.alone, ElementsAre(10, 12, 9));
  EXPECT_THAT(search.together, ElementsAre(12, 12, 9));
  EXPECT_EQ(search.right, 1000);
  const WidthSearch looser = search_widths(3, 8, 32, 900, made_up_answers);
  EXPECT_THAT(looser.together, ElementsAre(10, 12, 9));
  const WidthSearch hopeless = search_widths(3, 8, 32, 2000, made_up_answers);
  EXPECT_THAT(hopeless.together, ElementsAre(32, 32, 32));
  EXPECT_LT(hopeless.right, 2000);
}

// The totals that the LeNet-5 study prints, and those with true counts, from the network's shapes.
TEST(PublishedLeNet5, EnergyOfBitsIsTheReports) {
  std::vector<ConvolutionProblem> problems;
  const auto network = make_lenet5();
  for (const ConvolutionLayer& layer : network->layers()) problems.push_back(layer.problem);
  std::vector<int> chosen;
  for (const PublishedLeNet5Layer& layer : kPublishedLeNet5Layers)
    chosen.push_back(layer.chosen_bits);
  const std::vector<int> uniform(5, 18);
  EXPECT_EQ(lenet5_energy(problems, uniform, kLeNet5Countings[0]), 402'692'880);
  EXPECT_EQ(lenet5_energy(problems, chosen, kLeNet5Countings[0]), 395'774'080);
  EXPECT_EQ(lenet5_energy(problems, std::vector<int>(5, 17), kLeNet5Countings[0]), 397'781'960);
  EXPECT_EQ(lenet5_energy(problems, uniform, kLeNet5Countings[1]), 136'619'280);
  EXPECT_EQ(lenet5_energy(problems, chosen, kLeNet5Countings[1]), 134'308'480);
  // Without 40 additions of 18 bits.
  EXPECT_EQ(lenet5_energy(problems, uniform, kLeNet5Countings[2]), 136'619'280 - 720);
  EXPECT_NE(lenet5_energy(problems, std::vector<int>(5, 19), kLeNet5Countings[0]), 402'692'880);
}

}  // namespace
}  // namespace mbm
