#include "cmodel/array/weight_tiling.hpp"

#include <gtest/gtest.h>

#include <random>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// up5.convB of the decoder at 480 x 640: 32 channels to 32, 3 x 3, 240 x 320.
const ConvolutionProblem kDecoderLayer{.input_channels = 32,
                                       .input_height = 240,
                                       .input_width = 320,
                                       .output_channels = 32,
                                       .kernel_height = 3,
                                       .kernel_width = 3,
                                       .padding = 1};

TEST(WeightTiling, CountsTilesAndProducts) {
  const WeightTiling tiling(kDecoderLayer, 16, 16);
  EXPECT_EQ(tiling.reduction_tiles(), 18);  // 288 terms
  EXPECT_EQ(tiling.channel_tiles(), 2);
  EXPECT_EQ(tiling.tile_count(), 36);
  EXPECT_EQ(tiling.product_count(tiling.all_tiles()), 707'788'800);
}

// Every weight lies in exactly one tile, for groups and for tiles that are not full.
TEST(WeightTiling, CoversEveryWeightOnce) {
  const ConvolutionProblem problem{.input_channels = 6,
                                   .input_height = 5,
                                   .input_width = 5,
                                   .output_channels = 10,
                                   .kernel_height = 3,
                                   .kernel_width = 2,
                                   .groups = 2};
  const WeightTiling tiling(problem, 4, 3);
  std::vector<int> seen(static_cast<std::size_t>(problem.weight_count()), 0);
  std::int64_t products = 0;
  for (std::int64_t i = 0; i < tiling.tile_count(); ++i) {
    const WeightTile tile = tiling.tile(i);
    EXPECT_EQ(tile.first_channel / 5, tile.group);
    EXPECT_EQ((tile.first_channel + tile.channels - 1) / 5, tile.group);
    for (std::int64_t c = 0; c < tile.channels; ++c) {
      for (std::int64_t k = 0; k < tile.terms; ++k) {
        ++seen[static_cast<std::size_t>((tile.first_channel + c) * 18 + tile.first_term + k)];
      }
    }
    products += tiling.product_count({i, i + 1});
  }
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
  EXPECT_EQ(products, problem.product_count());
}

// Sums of the parts are the whole: weights restricted to ranges that partition the tiles.
TEST(WeightTiling, RestrictedWeightsAddUp) {
  std::mt19937 generator(7);
  std::uniform_int_distribution<int> operand(-255, 255);
  const ConvolutionProblem problem{.input_channels = 4,
                                   .output_channels = 6,
                                   .kernel_height = 2,
                                   .kernel_width = 2,
                                   .padding = 1,
                                   .groups = 2};
  std::vector<std::int16_t> weights(static_cast<std::size_t>(problem.weight_count()));
  for (std::int16_t& weight : weights) weight = static_cast<std::int16_t>(operand(generator));
  const WeightTiling tiling(problem, 3, 2);
  const std::int64_t count = tiling.tile_count();
  const std::vector<std::int16_t> low = tiling.restrict_weights(weights, {0, count / 2});
  const std::vector<std::int16_t> high = tiling.restrict_weights(weights, {count / 2, count});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(low[i] + high[i], weights[i]);
    EXPECT_EQ(low[i] * high[i], 0);
  }
}

TEST(WeightTiling, WrongRangesAreRefused) {
  const WeightTiling tiling(kDecoderLayer, 16, 16);
  for (const TileRange range : {TileRange{0, 0}, {-1, 3}, {5, 4}, {0, 37}, {36, 37}}) {
    EXPECT_THROW(tiling.require(range), Error) << range.first << ":" << range.last;
  }
  EXPECT_NO_THROW(tiling.require({35, 36}));
  EXPECT_THROW(WeightTiling(kDecoderLayer, 0, 16), Error);
}

}  // namespace
}  // namespace mbm
