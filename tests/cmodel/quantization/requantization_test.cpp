// Requantisation against its definition in extended floating point, which is exact here: 33 bits
// times 16 bits fit the 64 bits of a long double's significand.
#include "cmodel/quantization/requantization.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

using Rounding = RequantizationRounding;

int expected_code(std::int32_t sum, const ChannelRequantization& channel,
                  const Requantization& layer) {
  const long double value = static_cast<long double>(sum) + channel.bias;
  const long double factor = value < 0 ? channel.negative_multiplier : channel.multiplier;
  const long double scaled = std::ldexp(value * factor, -static_cast<int>(channel.shift));
  const bool adds_half = layer.rounding == Rounding::nearest && channel.shift > 0;
  const long double rounded = std::floor(scaled + (adds_half ? 0.5L : 0.0L));
  return static_cast<int>(std::clamp<long double>(rounded, layer.lowest, layer.highest));
}

std::vector<std::int32_t> extreme_and_random_sums(std::size_t count, unsigned seed) {
  constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int32_t> sums{0, 1, -1, kLargest, -kLargest - 1, kLargest - 1, -kLargest};
  std::mt19937 random(seed);
  while (sums.size() < count)
    sums.push_back(static_cast<std::int32_t>(random()) >> (random() % 31));
  return sums;
}

Requantization random_layer(std::size_t channels, Rounding rounding, unsigned seed) {
  std::mt19937 random(seed);
  Requantization layer;
  layer.rounding = rounding;
  for (std::size_t o = 0; o < channels; ++o) {
    layer.channels.push_back({static_cast<std::int32_t>(random()) >> (random() % 31),
                              static_cast<std::uint16_t>(random()),
                              static_cast<std::uint16_t>(random()),
                              static_cast<std::uint8_t>(random() % 48)});
  }
  return layer;
}

// Codes of `sums` that differ from the definition when channel `corrupted` has another bias.
int count_differences(Rounding rounding, std::int32_t corruption) {
  constexpr std::size_t kChannels = 37;
  constexpr std::size_t kPlane = 211;
  const Requantization layer = random_layer(kChannels, rounding, 1);
  Requantization used = layer;
  used.channels[5] = {.bias = corruption, .multiplier = 32768, .shift = 15};
  Requantization defined = layer;
  defined.channels[5] = {.bias = 0, .multiplier = 32768, .shift = 15};
  const std::vector<std::int32_t> sums = extreme_and_random_sums(2 * kChannels * kPlane, 2);
  std::vector<std::int16_t> codes(sums.size());
  requantize(sums, used, kPlane, codes);
  int differences = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const ChannelRequantization& channel = defined.channels[i / kPlane % kChannels];
    differences += codes[i] != expected_code(sums[i], channel, defined) ? 1 : 0;
  }
  return differences;
}

TEST(Requantization, EqualsItsDefinitionOnExtremeAndRandomSums) {
  EXPECT_EQ(count_differences(Rounding::nearest, 0), 0);
  EXPECT_EQ(count_differences(Rounding::floor, 0), 0);
}

TEST(Requantization, ACorruptedBiasIsFound) {
  EXPECT_GT(count_differences(Rounding::nearest, 1), 0);
}

// By hand: M = 3/8 = 49152 * 2^-17.
TEST(Requantization, RoundsTiesUpwardsOrFloors) {
  const ChannelRequantization channel = channel_requantization(0.375, 1.0, 0);
  EXPECT_EQ(channel.multiplier, 49152);
  EXPECT_EQ(channel.shift, 17);
  const Requantization nearest{.channels = {channel}};
  const Requantization floor{.channels = {channel}, .rounding = Rounding::floor};
  EXPECT_EQ(requantize(4, channel, nearest), 2);  // 1.5
  EXPECT_EQ(requantize(4, channel, floor), 1);
  EXPECT_EQ(requantize(-4, channel, nearest), -1);  // -1.5
  EXPECT_EQ(requantize(-4, channel, floor), -2);
  EXPECT_EQ(requantize(1000000, channel, nearest), 255);
  EXPECT_EQ(requantize(-1000000, channel, nearest), -255);
}

TEST(Requantization, ActivationsAreBoundsAndASecondMultiplier) {
  const ChannelRequantization plain = channel_requantization(0.5, 1.0, 0);
  const Requantization relu6{.channels = {plain}, .lowest = 0, .highest = 60};
  EXPECT_EQ(requantize(-100, plain, relu6), 0);
  EXPECT_EQ(requantize(100, plain, relu6), 50);
  EXPECT_EQ(requantize(200, plain, relu6), 60);
  const ChannelRequantization leaky = channel_requantization(0.5, 0.2, 10);
  const Requantization layer{.channels = {leaky}};
  EXPECT_EQ(requantize(-110, leaky, layer), -10);  // (-110 + 10) * 0.5 * 0.2
  EXPECT_EQ(requantize(90, leaky, layer), 50);
}

TEST(Requantization, ScalesAreWithinTwoToTheMinus16) {
  std::mt19937 random(3);
  for (int i = 0; i < 10000; ++i) {
    const double factor = std::exp2(std::uniform_real_distribution<double>(-31.0, 15.9)(random));
    const FixedPointScale scale = fixed_point_scale(factor);
    EXPECT_NEAR(scale.value() / factor, 1.0, std::exp2(-16)) << factor;
    EXPECT_GE(scale.multiplier, 32768);
  }
  EXPECT_EQ(fixed_point_scale(0.0).multiplier, 0);
  EXPECT_EQ(fixed_point_scale(1.0 - 1e-9).value(), 1.0);  // 65536 * 2^-16 as 32768 * 2^-15
  EXPECT_EQ(fixed_point_scale(65535.9).multiplier, 65535);
}

TEST(Requantization, RefusesWhatItCannotHold) {
  for (const double factor : {-1.0, 65536.0, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(fixed_point_scale(factor), Error) << factor;
  }
  EXPECT_THROW(channel_requantization(0.5, 1.5, 0), Error);
  Requantization layer = random_layer(2, Rounding::nearest, 4);
  std::vector<std::int16_t> codes(6);
  EXPECT_THROW(requantize(std::vector<std::int32_t>(5), layer, 3, codes), Error);
  layer.channels[1].shift = 48;
  EXPECT_THROW(requantize(std::vector<std::int32_t>(6), layer, 3, codes), Error);
  layer.channels[1].shift = 47;
  layer.lowest = 256;
  EXPECT_THROW(requantize(std::vector<std::int32_t>(6), layer, 3, codes), Error);
}

// 3 * 0.75 + 5 * 0.1 = 2.75 and its negative; 255 + 255 saturates.
TEST(Requantization, AddsTensorsOfDifferentSteps) {
  const AdditionRequantization addition = addition_requantization(0.75, 0.1);
  EXPECT_EQ(requantize_addition(3, 5, addition), 3);
  EXPECT_EQ(requantize_addition(-3, -5, addition), -3);
  EXPECT_EQ(requantize_addition(3, -5, addition), 2);  // 1.75
  const AdditionRequantization same = addition_requantization(1.0, 1.0);
  EXPECT_EQ(requantize_addition(255, 255, same), 255);
  EXPECT_EQ(requantize_addition(-255, -255, same), -255);
  EXPECT_EQ(requantize_addition(100, -255, same), -155);
}

TEST(Requantization, AnAccumulatorOfFewBitsSaturates) {
  EXPECT_EQ(saturate_to_bits(127, 8), 127);
  EXPECT_EQ(saturate_to_bits(128, 8), 127);
  EXPECT_EQ(saturate_to_bits(-129, 8), -128);
  EXPECT_EQ(saturate_to_bits(std::int64_t{1} << 40, 32), 2147483647);
}

// floor(v / D) and floor((2 v + D) / 2 D) by hand: -7 / 4 = -1.75, 6 / 4 = 1.5, -6 / 4 = -1.5.
TEST(Requantization, DividesByAWholeNumber) {
  const ChannelRequantization channel = divided_requantization(0.26, 1);  // round(1 / 0.26) = 4
  EXPECT_EQ(channel.divisor, 4);
  const auto codes = [&](Rounding rounding) {
    const Requantization layer{{channel}, rounding, -255, 255};
    std::vector<std::int16_t> result(5);
    requantize(std::vector<std::int32_t>{-8, 5, -7, 99999, 2}, layer, 5, result);
    EXPECT_EQ(result[0], requantize(-8, channel, layer));
    return result;
  };
  EXPECT_EQ(codes(Rounding::floor), (std::vector<std::int16_t>{-2, 1, -2, 255, 0}));
  EXPECT_EQ(codes(Rounding::nearest), (std::vector<std::int16_t>{-2, 2, -1, 255, 1}));
}

TEST(Requantization, RefusesDivisorsOutOfRange) {
  for (const double factor : {0.0, -1.0, 3.0, 1e-12, std::nan("")}) {
    EXPECT_THROW(divided_requantization(factor, 0), Error) << factor;
  }
  Requantization layer{{{.divisor = -1}}};
  EXPECT_THROW(layer.validate(), Error);
  layer.channels[0].divisor = 1;
  EXPECT_NO_THROW(layer.validate());
  EXPECT_TRUE(layer.divides());
}

}  // namespace
}  // namespace mbm
