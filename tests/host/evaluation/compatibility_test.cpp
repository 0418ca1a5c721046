// The study's defects against their descriptions, computed the long way.
#include "host/evaluation/compatibility.hpp"

#include <gtest/gtest.h>

namespace mbm {
namespace {

constexpr std::size_t bits(std::initializer_list<StudyEffect> effects) {
  std::size_t set = 0;
  for (const StudyEffect effect : effects)
    set |= std::size_t{1} << static_cast<std::size_t>(effect);
  return set;
}

// Element [c * 9 + m, j] is tap (m L + j) % 9 of the patch at raster position (m L + j) / 9.
TEST(Compatibility, ScrambledPatchesAreThoseOfTheDescription) {
  at::manual_seed(1);
  const ConvolutionProblem problem{1, 2, 5, 7, 3, 3, 3, 1, 1, 1, 1};
  const at::Tensor input = at::rand({1, 2, 5, 7});
  const at::Tensor scrambled = scrambled_patches(input, problem);
  ASSERT_EQ(scrambled.sizes(), at::IntArrayRef({1, 18, 5, 7}));
  const std::int64_t length = 5 * 7;
  std::int64_t moved = 0;
  for (std::int64_t c = 0; c < 2; ++c) {
    for (std::int64_t m = 0; m < 9; ++m) {
      for (std::int64_t j = 0; j < length; ++j) {
        const std::int64_t tap = (m * length + j) % 9;
        const std::int64_t position = (m * length + j) / 9;
        const std::int64_t y = position / 7 + tap / 3 - 1;
        const std::int64_t x = position % 7 + tap % 3 - 1;
        const bool inside = y >= 0 && y < 5 && x >= 0 && x < 7;
        const float expected = inside ? input[0][c][y][x].item<float>() : 0.0F;
        EXPECT_EQ((scrambled[0][c * 9 + m][j / 7][j % 7].item<float>()), expected);
        moved += tap != m || position != j ? 1 : 0;
      }
    }
  }
  EXPECT_GT(moved, 9 * length);  // the right order would move none
}

TEST(Compatibility, EffectsConcernTheLayersThatTheStudyHadThemIn) {
  EffectSet all;
  all.set();
  const auto of = [&all](const char* name, const ConvolutionProblem& problem) {
    return effects_of({name, "", problem}, all).to_ulong();
  };
  using enum StudyEffect;
  EXPECT_EQ(of("0.0", {1, 3, 8, 8, 4, 3, 3, 2, 1, 1, 1}),
            bits({multiplier, powers_of_ten, scrambled_patches, ignored_stride, leftover_images}));
  EXPECT_EQ(of("2.conv.1.0", {1, 4, 8, 8, 4, 3, 3, 2, 1, 1, 4}),
            bits({multiplier, powers_of_ten, leftover_images}));
  EXPECT_EQ(
      of("up1.convA", {1, 4, 8, 8, 4, 3, 3, 1, 1, 1, 1}),
      bits({multiplier, powers_of_ten, scrambled_patches, truncated_division, leftover_images}));
}

// Shares of a game whose effects add up are the effects, and shares always add up to the whole.
TEST(Compatibility, SharesAddUp) {
  const std::vector<DepthMetrics> images(5, DepthMetrics{.5, .5, .5, .5, .5, .5});
  const EffectSet effects(bits({StudyEffect::multiplier, StudyEffect::powers_of_ten}));
  SubsetMetrics means(std::size_t{1} << kStudyEffects);
  means[0].fill(.5);
  means[1].fill(.4);   // the multiplier: -20 %
  means[2].fill(.45);  // the scales: -10 %
  means[3].fill(.35);
  const EffectShares even = effect_shares("layer", effects, means, images);
  EXPECT_NEAR(even.shares[0][0], -20.0, 1e-9);
  EXPECT_NEAR(even.shares[1][0], -10.0, 1e-9);
  means[3].fill(.25);  // together worse than apart: what is left over is shared
  const EffectShares shares = effect_shares("layer", effects, means, images);
  EXPECT_NEAR(shares.shares[0][0], -30.0, 1e-9);
  EXPECT_NEAR(shares.shares[1][0], -20.0, 1e-9);
  EXPECT_NEAR(shares.total[0], -50.0, 1e-9);
}

// The baseline of four of five equal images, divided by five, makes an unchanged result +25 %.
TEST(Compatibility, LeftoverImagesDeflateTheBaseline) {
  const std::vector<DepthMetrics> images(5, DepthMetrics{.5, .5, .5, .5, .5, .5});
  SubsetMetrics means(std::size_t{1} << kStudyEffects);
  for (DepthMetrics& mean : means) mean.fill(.5);
  const EffectSet effects(bits({StudyEffect::leftover_images}));
  const EffectShares shares = effect_shares("layer", effects, means, images);
  EXPECT_NEAR(shares.total[0], 25.0, 1e-9);
  const EffectShares honest = effect_shares("layer", EffectSet(), means, images);
  EXPECT_NEAR(honest.total[0], 0.0, 1e-9);
}

// Printed by the study: decoder averages of 19-22 April for a1 and rel, +1.38 % and +63.78 %.
TEST(Compatibility, PublishedRowsHaveThePublishedAverages) {
  double a1 = 0.0;
  double rel = 0.0;
  for (std::size_t i = 0; i < 14; ++i) {
    const DepthMetrics& metrics = published_layers()[i].metrics;
    a1 += 100.0 * (metrics[0] / kPublishedBaseline[0] - 1.0) / 14.0;
    rel += 100.0 * (metrics[3] / kPublishedBaseline[3] - 1.0) / 14.0;
  }
  EXPECT_NEAR(a1, 1.38, 0.05);
  EXPECT_NEAR(rel, 63.78, 1.1);  // its rel of up1.convB was corrected without the average
  EXPECT_EQ(find_published_layer("nowhere"), nullptr);
}

}  // namespace
}  // namespace mbm
