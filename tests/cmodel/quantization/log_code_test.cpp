// Log codes against the logarithm itself, computed apart from the model's table.
#include "cmodel/quantization/log_code.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace mbm {
namespace {

// By hand: 16 log2 of the number, to nearest.
TEST(LogCode, KnownNumbers) {
  EXPECT_EQ(log_code(0, 0), 0);
  EXPECT_EQ(log_code(1, 0), 1);  // 2^0 would be code 0, which is the number 0
  EXPECT_EQ(log_code(2, 0), 16);
  EXPECT_EQ(log_code(3, 0), 25);     // 25.36
  EXPECT_EQ(log_code(5, 0), 37);     // 37.15
  EXPECT_EQ(log_code(255, 0), 127);  // 127.91, saturated
  EXPECT_EQ(log_code(256, 0), 127);
  EXPECT_EQ(log_code(std::uint64_t{3} << 40, 40), 25);
  EXPECT_EQ(log_code(1, 1), 1);      // a half
  EXPECT_EQ(log_code(3, 2), 1);      // three quarters: leading one at -1
  EXPECT_EQ(log_code(1, 2), 0);      // a quarter
  EXPECT_EQ(log_code(511, 2), 112);  // 127.75: the fraction carries, 16 * 7 at 128
}

// Within half a code, and what cutting to eight bits adds: 16 log2(1 + 1/512) = 0.045.
TEST(LogCode, IsTheNearestOfTheLogarithm) {
  std::mt19937_64 generator(7);
  for (int i = 0; i < 200000; ++i) {
    const std::uint64_t magnitude = generator() >> (12 + generator() % 51);
    const int shift = static_cast<int>(generator() % 48);
    if (magnitude == 0) continue;
    const double exact = 16.0 * (std::log2(static_cast<double>(magnitude)) - shift);
    const int code = log_code(magnitude, shift);
    if (exact < -16.0) {
      EXPECT_EQ(code, 0) << magnitude << " >> " << shift;
    } else if (exact < 0.5) {
      EXPECT_EQ(code, 1) << magnitude << " >> " << shift;
    } else if (exact > 127.5) {
      EXPECT_EQ(code, 127) << magnitude << " >> " << shift;
    } else {
      EXPECT_NEAR(code, std::max(exact, 1.0), 0.55) << magnitude << " >> " << shift;
    }
  }
}

// The entry of fraction f is k where 2^((2k - 1) / 32) <= 1 + (f + 1/2) / 256 < 2^((2k + 1) / 32):
// by 32nd powers, (513 + 2 f) / 512 to the 32 against 2^(2k - 1).
TEST(LogCode, TableByPowers) {
  for (std::uint64_t f = 0; f < 256; ++f) {
    long double power = (513.0L + 2.0L * static_cast<long double>(f)) / 512.0L;
    for (int square = 0; square < 5; ++square) power *= power;
    int entry = 0;
    while (power >= std::ldexp(1.0L, 2 * entry + 1)) ++entry;
    EXPECT_EQ(log_code(256 + f, 7), 16 + entry) << f;  // characteristic 1
  }
}

TEST(LogCode, NumbersAreInTheOrderOfTheirCodes) {
  for (int code = -kLargestLogCode; code < kLargestLogCode; ++code) {
    EXPECT_LT(log_code_value(code), log_code_value(code + 1));
  }
  EXPECT_DOUBLE_EQ(log_code_value(32), 4.0);
  EXPECT_DOUBLE_EQ(log_code_value(-24), -std::sqrt(8.0));
}

TEST(LogCode, RequantisesSums) {
  Requantization layer;
  const ChannelRequantization channel{
      .bias = 4, .multiplier = 3, .negative_multiplier = 1, .shift = 2};
  EXPECT_EQ(requantize_to_log_code(12, channel, layer), 57);    // 48 / 4 = 12: 57.36
  EXPECT_EQ(requantize_to_log_code(-20, channel, layer), -32);  // -16 / 4 = -4
  EXPECT_EQ(requantize_to_log_code(-4, channel, layer), 0);
  layer.lowest = 0;
  layer.highest = 50;
  EXPECT_EQ(requantize_to_log_code(-20, channel, layer), 0);  // ReLU
  EXPECT_EQ(requantize_to_log_code(12, channel, layer), 50);
}

}  // namespace
}  // namespace mbm
