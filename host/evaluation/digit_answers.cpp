#include "host/evaluation/digit_answers.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::size_t kScale = 3;      // of a digit
constexpr std::size_t kTextScale = 2;  // of a letter
constexpr std::size_t kMargin = 4;
constexpr std::size_t kColumns = 6;
constexpr std::size_t kLetterWidth = 3;
constexpr std::size_t kLetterHeight = 5;
constexpr std::size_t kLetterStep = kLetterWidth + 1;

// 3 x 5 points a letter, row by row.
struct Letter {
  char character;
  std::string_view points;
};
constexpr std::array<Letter, 12> kLetters{{{'0',
                                            "###"
                                            "#.#"
                                            "#.#"
                                            "#.#"
                                            "###"},
                                           {'1',
                                            ".#."
                                            "##."
                                            ".#."
                                            ".#."
                                            "###"},
                                           {'2',
                                            "###"
                                            "..#"
                                            "###"
                                            "#.."
                                            "###"},
                                           {'3',
                                            "###"
                                            "..#"
                                            ".##"
                                            "..#"
                                            "###"},
                                           {'4',
                                            "#.#"
                                            "#.#"
                                            "###"
                                            "..#"
                                            "..#"},
                                           {'5',
                                            "###"
                                            "#.."
                                            "###"
                                            "..#"
                                            "###"},
                                           {'6',
                                            "###"
                                            "#.."
                                            "###"
                                            "#.#"
                                            "###"},
                                           {'7',
                                            "###"
                                            "..#"
                                            "..#"
                                            ".#."
                                            ".#."},
                                           {'8',
                                            "###"
                                            "#.#"
                                            "###"
                                            "#.#"
                                            "###"},
                                           {'9',
                                            "###"
                                            "#.#"
                                            "###"
                                            "..#"
                                            "###"},
                                           {'>',
                                            "#.."
                                            ".#."
                                            "..#"
                                            ".#."
                                            "#.."},
                                           {'%',
                                            "#.#"
                                            "..#"
                                            ".#."
                                            "#.."
                                            "#.#"}}};

struct Colour {
  std::uint8_t red, green, blue;
};
constexpr Colour kRight{0, 110, 60};
constexpr Colour kWrong{190, 0, 30};

void fill(RgbImage& image, std::size_t top, std::size_t left, std::size_t size, Colour colour) {
  for (std::size_t y = top; y < top + size; ++y) {
    for (std::size_t x = left; x < left + size; ++x) {
      std::uint8_t* pixel = image.values.data() + (y * image.width + x) * 3;
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
    }
  }
}

void write_text(RgbImage& image, std::size_t top, std::size_t left, const std::string& text,
                Colour colour) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto letter = std::find_if(kLetters.begin(), kLetters.end(),
                                     [&](const Letter& one) { return one.character == text[i]; });
    if (letter == kLetters.end()) continue;  // a blank
    for (std::size_t point = 0; point < letter->points.size(); ++point) {
      if (letter->points[point] != '#') continue;
      fill(image, top + point / kLetterWidth * kTextScale,
           left + (i * kLetterStep + point % kLetterWidth) * kTextScale, kTextScale, colour);
    }
  }
}

void draw_digit(RgbImage& image, std::size_t top, std::size_t left, const at::Tensor& picture) {
  const at::Tensor pixels = picture.contiguous();
  const auto width = static_cast<std::size_t>(pixels.size(1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(pixels.numel()); ++i) {
    const auto shade = static_cast<std::uint8_t>(255 - pixels.data_ptr<std::uint8_t>()[i]);
    fill(image, top + i / width * kScale, left + i % width * kScale, kScale, {shade, shade, shade});
  }
}

bool is_right(const ClassAnswer& answer) {
  return answer.label == answer.predicted;
}

}  // namespace

ConfusionMatrix confusion_matrix(std::span<const ClassAnswer> answers) {
  ConfusionMatrix matrix{};
  for (const ClassAnswer& answer : answers) {
    const auto label = static_cast<std::size_t>(answer.label);
    const auto predicted = static_cast<std::size_t>(answer.predicted);
    if (label >= kDigitClasses || predicted >= kDigitClasses) {
      fail(ErrorKind::input, "class {} for label {} found, digits 0 to 9 expected",
           answer.predicted, answer.label);
    }
    ++matrix[label][predicted];
  }
  return matrix;
}

std::string confusion_table(const std::string& name, std::span<const ClassAnswer> answers) {
  const ConfusionMatrix matrix = confusion_matrix(answers);
  std::string text = fmt::format("{}: images by label (row) and prediction (column)\n     ", name);
  for (std::size_t predicted = 0; predicted < kDigitClasses; ++predicted) {
    text += fmt::format(" {:>5}", predicted);
  }
  text += fmt::format(" {:>7}\n", "right");
  for (std::size_t label = 0; label < kDigitClasses; ++label) {
    text += fmt::format("{:>5}", label);
    for (const std::int64_t count : matrix[label]) text += fmt::format(" {:>5}", count);
    const auto total = std::accumulate(matrix[label].begin(), matrix[label].end(), std::int64_t{0});
    const double share =
        total > 0 ? static_cast<double>(matrix[label][label]) / static_cast<double>(total) : 0.0;
    text += total > 0 ? fmt::format(" {:>7.4f}\n", share) : fmt::format(" {:>7}\n", "-");
  }
  return text;
}

std::vector<std::size_t> worst_answers(std::span<const ClassAnswer> answers, std::size_t count) {
  std::vector<std::size_t> order(answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // How sure the network is of what is right: from -1 (sure, and wrong) to 1.
  const auto merit = [&](std::size_t i) {
    return is_right(answers[i]) ? answers[i].confidence : -answers[i].confidence;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return merit(a) < merit(b); });
  order.resize(std::min(count, order.size()));
  return order;
}

RgbImage digit_sheet(const std::vector<WorstDigit>& digits) {
  const auto height = static_cast<std::size_t>(digits.at(0).picture.size(0)) * kScale;
  const auto width = static_cast<std::size_t>(digits.at(0).picture.size(1)) * kScale;
  const std::size_t text_height = kLetterHeight * kTextScale + 2 * kMargin;
  const std::size_t tile_height = height + text_height + kMargin;
  const std::size_t tile_width = width + 2 * kMargin;
  const std::size_t rows = (digits.size() + kColumns - 1) / kColumns;
  RgbImage sheet{rows * tile_height, std::min(kColumns, digits.size()) * tile_width, {}};
  sheet.values.assign(sheet.height * sheet.width * 3, 255);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t top = i / kColumns * tile_height + kMargin;
    const std::size_t left = i % kColumns * tile_width + kMargin;
    const ClassAnswer& answer = digits[i].answer;
    draw_digit(sheet, top, left, digits[i].picture);
    write_text(sheet, top + height + kMargin, left,
               fmt::format("{}>{} {:.0f}%", answer.label, answer.predicted,
                           std::floor(100 * answer.confidence)),
               is_right(answer) ? kRight : kWrong);
  }
  return sheet;
}

}  // namespace mbm
