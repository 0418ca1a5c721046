// How plans follow from what a tile costs.
#include "cmodel/array/convolution_plan.hpp"

#include <gtest/gtest.h>

namespace mbm {
namespace {

// 256 to 256 channels on a map of 15 x 20: 2,304 tiles of 300 positions on 16 x 16 elements.
ConvolutionPlan plan_for(ElementKind kind) {
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 256;
  problem.input_height = 15;
  problem.input_width = 20;
  problem.kernel_height = problem.kernel_width = 3;
  problem.padding = 1;
  AcceleratorParameters parameters = AcceleratorParameters::of_size(16, 16);
  parameters.kind = kind;
  return plan_convolution("layer", problem, parameters, true, 2, 1, 2);
}

// A tile of a grid of tables waits for its rows, some 160 magnitudes of 16 cycles each if they are
// equally frequent, longer than any band computes; so bands only add to that. Where weights come
// while others compute, several bands hide the load of the input.
TEST(ConvolutionPlan, AGridOfTablesComputesAMapInOneBand) {
  const ConvolutionPlan lut = plan_for(ElementKind::lut);
  EXPECT_EQ(lut.band_rows, 15);
  EXPECT_EQ(lut.band_positions, 20);
  EXPECT_GT(lut.estimated_cycles, 2304 * 160 * 16);
  EXPECT_LT(lut.estimated_cycles, 2304 * 170 * 16 * 1.05);
  const ConvolutionPlan log = plan_for(ElementKind::log);
  EXPECT_LT(log.band_rows, 15);
  EXPECT_GT(log.estimated_cycles, 2304 * 300);
  EXPECT_LT(log.estimated_cycles, 2304 * 300 * 1.05);
}

}  // namespace
}  // namespace mbm
