#include "host/digits/digit_drawing.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "host/dataset/digits.hpp"
#include "host/digits/strokes.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using digits::Digit;
using digits::draw_digit;

TEST(DigitDrawing, SameSeedSameDigit) {
  EXPECT_EQ(draw_digit(5).pixels, draw_digit(5).pixels);
  EXPECT_NE(draw_digit(5).pixels, draw_digit(6).pixels);
}

TEST(DigitDrawing, DrawsEveryDigitWithinItsBorders) {
  std::array<int, 10> counts{};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Digit digit = draw_digit(seed);
    ++counts.at(static_cast<std::size_t>(digit.label));
    const auto ink = std::count_if(digit.pixels.begin(), digit.pixels.end(),
                                   [](std::uint8_t pixel) { return pixel > 100; });
    EXPECT_GT(ink, 8) << seed;    // a stroke is there
    EXPECT_LT(ink, 300) << seed;  // and not a blot
    const int corner = digit.pixels.front() + digit.pixels.back();
    EXPECT_LT(corner, 100) << seed;
  }
  for (const int count : counts) EXPECT_GT(count, 25);  // 50 expected
}

TEST(DigitDrawing, EveryFormIsAStrokeAtLeast) {
  for (int label = 0; label < 10; ++label) {
    EXPECT_GE(digits::forms_of(label).size(), 2U) << label;
    for (const digits::Form& form : digits::forms_of(label)) {
      for (const digits::Stroke& stroke : form) EXPECT_GE(stroke.size(), 2U) << label;
    }
  }
}

TEST(DigitDrawing, FilesGiveBackTheDigits) {
  const test::TemporaryFolder folder;
  const Digits drawn = drawn_digits(20, 7);
  write_digits(folder.path(), DigitsPart::training, drawn);
  const Digits read = read_digits(folder.path(), DigitsPart::training);
  EXPECT_TRUE(at::equal(read.images, drawn.images));
  EXPECT_TRUE(at::equal(read.labels, drawn.labels));
  EXPECT_FALSE(at::equal(drawn_digits(20, 8).images, drawn.images));
  EXPECT_TRUE(at::equal(drawn_digits(19, 8).images, drawn.images.slice(0, 1)));
}

}  // namespace
}  // namespace mbm
