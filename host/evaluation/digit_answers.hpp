// What a network says about digits: who is taken for whom, and the worst images.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/evaluation/evaluation_data.hpp"
#include "host/format/image.hpp"

namespace mbm {

inline constexpr std::size_t kDigitClasses = 10;

// How many images of each label (first index) were given each class. Throws Error(input) for a
// class that is no digit.
using ConfusionMatrix = std::array<std::array<std::int64_t, kDigitClasses>, kDigitClasses>;
ConfusionMatrix confusion_matrix(std::span<const ClassAnswer> answers);

// For a terminal: rows are labels.
std::string confusion_table(const std::string& name, std::span<const ClassAnswer> answers);

// Indices of the `count` worst answers: wrong ones, the most confident first, then right ones, the
// least confident first; equal ones in their order.
std::vector<std::size_t> worst_answers(std::span<const ClassAnswer> answers, std::size_t count);

struct WorstDigit {
  std::size_t image = 0;  // index in the data
  ClassAnswer answer;
  at::Tensor picture;  // uint8 (height, width)
};

// The digits, three times their size, six in a row; below each "label>prediction confidence%".
RgbImage digit_sheet(const std::vector<WorstDigit>& digits);

}  // namespace mbm
