#include "cmodel/energy/operation_counts.hpp"

#include <gtest/gtest.h>

#include <array>

namespace mbm {
namespace {

struct LeNetLayer {
  ConvolutionProblem problem;
  std::int64_t
      extra_additions;         // the report adds ten biases an image that the network does not have
  int mixed_accumulator_bits;  // the report's second choice of widths
};

ConvolutionProblem lenet_problem(std::int64_t input_channels, std::int64_t output_channels,
                                 std::int64_t input_size, std::int64_t kernel) {
  ConvolutionProblem problem;
  problem.batch = 4;
  problem.input_channels = input_channels;
  problem.output_channels = output_channels;
  problem.input_height = problem.input_width = input_size;
  problem.kernel_height = problem.kernel_width = kernel;
  return problem;
}

const std::array<LeNetLayer, 5>& lenet_layers() {
  static const std::array<LeNetLayer, 5> layers{{{lenet_problem(1, 6, 32, 5), 0, 18},
                                                 {lenet_problem(6, 16, 14, 5), 0, 16},
                                                 {lenet_problem(16, 120, 5, 5), 0, 16},
                                                 {lenet_problem(120, 84, 1, 1), 0, 18},
                                                 {lenet_problem(84, 10, 1, 1), 40, 16}}};
  return layers;
}

// Totals of the LeNet-5 study for a batch of 4; the report counts each convolution three times.
std::int64_t total(bool report_counts, bool mixed_widths) {
  std::int64_t sum = 0;
  for (const LeNetLayer& layer : lenet_layers()) {
    OperationCounts counts = count_operations(layer.problem);
    const int factor = report_counts && layer.problem.kernel_height > 1 ? 3 : 1;
    counts.products *= factor;
    counts.additions = counts.additions * factor + layer.extra_additions;
    sum += energy_of_bits(counts, {8, mixed_widths ? layer.mixed_accumulator_bits : 18});
  }
  return sum;
}

TEST(OperationCounts, ReproducesTheTotalsOfTheLeNetStudy) {
  EXPECT_EQ(total(true, false), 402'692'880);
  EXPECT_EQ(total(true, true), 395'774'080);
  EXPECT_EQ(total(false, false), 136'619'280);
  EXPECT_EQ(total(false, true), 134'308'480);
}

TEST(OperationCounts, OneMoreBitIsSeen) {
  const OperationCounts counts = count_operations(lenet_layers()[0].problem);
  EXPECT_NE(energy_of_bits(counts, {8, 18}), energy_of_bits(counts, {8, 19}));
}

}  // namespace
}  // namespace mbm
