#include "host/evaluation/digit_answers.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

// label, prediction, confidence
const std::vector<ClassAnswer> kAnswers{
    {3, 3, 0.9}, {3, 5, 0.6}, {5, 5, 0.4}, {7, 1, 0.99}, {3, 3, 0.4}};

TEST(DigitAnswers, ConfusionMatrixCountsLabelsByRow) {
  const ConfusionMatrix matrix = confusion_matrix(kAnswers);
  EXPECT_EQ(matrix[3][3], 2);
  EXPECT_EQ(matrix[3][5], 1);
  EXPECT_EQ(matrix[5][3], 0);
  EXPECT_EQ(matrix[7][1], 1);
  const std::string table = confusion_table("mbm", kAnswers);
  EXPECT_NE(table.find("    3     0     0     0     2     0     1"), std::string::npos) << table;
  EXPECT_NE(table.find("0.6667"), std::string::npos) << table;
  const std::vector<ClassAnswer> bad{{3, 10, 0.5}};
  test::expect_input_error({"class 10", "label 3"}, [&] { confusion_matrix(bad); });
}

TEST(DigitAnswers, WorstAreTheSurestMistakes) {
  EXPECT_THAT(worst_answers(kAnswers, 4), ElementsAre(3, 1, 2, 4));
  EXPECT_EQ(worst_answers(kAnswers, 99).size(), kAnswers.size());
  EXPECT_TRUE(worst_answers({}, 3).empty());
}

// The last pixel of the picture, three times its size, and red letters below a mistake.
TEST(DigitAnswers, SheetShowsDigitAndAnswer) {
  at::Tensor picture = at::zeros({2, 2}, at::kByte);
  picture[1][1] = 255;
  const auto sheet_of = [&](int predicted) {
    return digit_sheet({{0, {4, predicted, 0.5}, picture}});
  };
  const RgbImage sheet = sheet_of(9);
  const auto pixel = [&](std::size_t y, std::size_t x) {
    return static_cast<int>(sheet.values[(y * sheet.width + x) * 3 + 1]);
  };
  EXPECT_EQ(pixel(4, 4), 255);
  EXPECT_EQ(pixel(4 + 3, 4 + 3), 0);
  EXPECT_EQ(pixel(4 + 5, 4 + 5), 0);
  EXPECT_EQ(pixel(4 + 6, 4 + 6), 255);
  EXPECT_NE(sheet.values, sheet_of(4).values);
}

}  // namespace
}  // namespace mbm
