// The vectorised loops around the products against plain ones, bit for bit.
#include "cmodel/quantization/rounding.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "cmodel/common/error.hpp"
#include "cmodel/quantization/quantization.hpp"

namespace mbm {
namespace {

// Values near ties and limits, and random bit patterns of finite numbers.
std::vector<float> hard_values(float step, unsigned seed) {
  std::vector<float> values{0.0F,
                            -0.0F,
                            std::numeric_limits<float>::max(),
                            -std::numeric_limits<float>::max(),
                            std::numeric_limits<float>::denorm_min(),
                            std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()};
  for (int code = -260; code <= 260; ++code) {
    const float tie = (static_cast<float>(code) + 0.5F) * step;
    for (const float value : {tie, std::nextafter(tie, 1e9F), std::nextafter(tie, -1e9F)}) {
      values.push_back(value);
    }
  }
  std::mt19937 random(seed);
  while (values.size() < 20011) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isnan(value)) values.push_back(value);
    values.push_back(std::normal_distribution<float>(0.0F, 100.0F * step)(random));
  }
  return values;
}

TEST(Rounding, TheVectorLoopEqualsTheScalarOne) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "no AVX2";
  for (const float step : {1.0F, 0.1F, 3.7e-5F, 1.0F / 255.0F, 1234.5F}) {
    for (const CodeRange range :
         {CodeRange{-127.0F, 127.0F}, CodeRange{-255.0F, 255.0F}, CodeRange{0.0F, 255.0F}}) {
      const std::vector<float> values = hard_values(step, 1);
      for (const std::size_t count :
           {values.size(), std::size_t{0}, std::size_t{7}, std::size_t{8}}) {
        std::vector<std::int16_t> scalar(count);
        std::vector<std::int16_t> vector(count);
        const auto a = round_to_codes_scalar(values.data(), count, step, range, scalar.data());
        const auto b = round_to_codes_avx2(values.data(), count, step, range, vector.data());
        EXPECT_EQ(scalar, vector) << "step " << step;
        EXPECT_EQ(a.saturated, b.saturated);
        EXPECT_FALSE(a.has_nan || b.has_nan);
      }
    }
  }
}

// IEEE 754 roundTiesToEven.
TEST(Rounding, TiesGoToEven) {
  const std::vector<float> values{0.5F, 1.5F, 2.5F, -0.5F, -1.5F, 254.5F, 255.5F, -255.6F, 3.0F};
  const std::vector<std::int16_t> expected{0, 2, 2, 0, -2, 254, 255, -255, 3};
  const QuantizedTensor result = quantize(values, 1.0F, OperandFormat::sign_magnitude8, "values");
  EXPECT_EQ(result.codes, expected);
  EXPECT_EQ(result.saturated, 2);
}

TEST(Rounding, UnsignedCodesCutOffWhatIsNegative) {
  const std::vector<float> values{-3.0F, -0.4F, 0.0F, 254.6F, 256.0F};
  const QuantizedTensor result = quantize(values, 1.0F, OperandFormat::uint8, "values");
  EXPECT_EQ(result.codes, (std::vector<std::int16_t>{0, 0, 0, 255, 255}));
  EXPECT_EQ(result.saturated, 2);
}

TEST(Rounding, NarrowFormatsCutOffAtTheirLargestMagnitude) {
  const std::vector<float> values{-100.0F, -31.4F, 15.5F, 63.5F, 0.5F};
  EXPECT_EQ(quantize(values, 1.0F, OperandFormat::sign_magnitude6, "values").codes,
            (std::vector<std::int16_t>{-63, -31, 16, 63, 0}));
  EXPECT_EQ(quantize(values, 1.0F, OperandFormat::sign_magnitude5, "values").codes,
            (std::vector<std::int16_t>{-31, -31, 16, 31, 0}));
  const QuantizedTensor narrow =
      quantize(values, 1.0F, parse_operand_format("sign-magnitude4"), "values");
  EXPECT_EQ(narrow.codes, (std::vector<std::int16_t>{-15, -15, 15, 15, 0}));
  EXPECT_EQ(operand_format_name(narrow.format), "sign-magnitude4");
  EXPECT_FLOAT_EQ(step_for_maximum(6.3F, OperandFormat::sign_magnitude6), 0.1F);
  EXPECT_THROW(parse_operand_format("sign-magnitude3"), Error);
}

TEST(Rounding, EveryChannelHasItsStep) {
  const std::vector<float> values{1.0F, -2.0F, 300.0F, 10.0F, -20.0F, 3000.0F};
  const QuantizedWeights result = quantize_channels(values, std::vector<float>{1.0F, 10.0F},
                                                    OperandFormat::sign_magnitude8, "values");
  EXPECT_EQ(result.codes, (std::vector<std::int16_t>{1, -2, 255, 1, -2, 255}));
  EXPECT_EQ(result.saturated, 2);
  EXPECT_THROW(quantize_channels(values, std::vector<float>{1.0F, 1.0F, 1.0F, 1.0F},
                                 OperandFormat::int8, "values"),
               Error);
  EXPECT_THROW(quantize_channels(values, {}, OperandFormat::int8, "values"), Error);
}

TEST(Rounding, ANanIsFoundWhereverItIs) {
  for (std::size_t at = 0; at < 19; ++at) {
    std::vector<float> values(19, 1.0F);
    values[at] = std::numeric_limits<float>::quiet_NaN();
    try {
      quantize(values, 1.0F, OperandFormat::int8, "values");
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "values: element " + std::to_string(at) + " is NaN");
    }
    EXPECT_THROW(maximum_magnitude(values, "values"), Error);
  }
}

TEST(Rounding, TheMaximumIsThatOfMagnitudes) {
  EXPECT_EQ(maximum_magnitude(std::vector<float>{1.0F, -7.5F, 3.0F}, "values"), 7.5F);
  EXPECT_EQ(maximum_magnitude(std::vector<float>{-0.0F}, "values"), 0.0F);
  EXPECT_EQ(maximum_magnitude({}, "values"), 0.0F);
  EXPECT_THROW(
      maximum_magnitude(std::vector<float>{-std::numeric_limits<float>::infinity()}, "values"),
      Error);
}

TEST(Rounding, DequantisedPlanesTakeTheBiasOfTheirChannel) {
  const std::vector<std::int32_t> sums{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12};
  const std::vector<float> bias{0.5F, -0.25F};
  std::vector<float> out(12);
  dequantize(sums, std::vector<float>{0.1F}, bias, 2, 3, out);
  for (std::size_t i = 0; i < 12; ++i) {
    const float product = static_cast<float>(sums[i]) * 0.1F;
    EXPECT_EQ(out[i], product + bias[i / 3 % 2]) << i;
  }
  const std::vector<std::int64_t> wide(sums.begin(), sums.end());
  std::vector<float> wide_out(12);
  dequantize(wide, std::vector<float>{0.1F}, bias, 2, 3, wide_out);
  EXPECT_EQ(wide_out, out);
}

TEST(Rounding, DequantisedPlanesTakeTheStepOfTheirChannel) {
  const std::vector<std::int32_t> sums{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> out(8);
  dequantize(sums, std::vector<float>{0.1F, 10.0F}, {}, 2, 2, out);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(out[i], static_cast<float>(sums[i]) * (i / 2 % 2 == 0 ? 0.1F : 10.0F)) << i;
  }
}

}  // namespace
}  // namespace mbm
