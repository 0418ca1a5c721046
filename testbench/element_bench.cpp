#include "testbench/element_bench.hpp"

#include <cstring>

#include "Velement_bench.h"
#include "Vtree_multiplier_bench.h"
#include "sim/rtl_coverage.hpp"

namespace mbm {
namespace {

constexpr std::size_t kForms = 16;
constexpr std::uint32_t kSumMask = (1U << 21) - 1;
constexpr std::uint32_t kOperands = 256;

template <typename Word, typename Port>
Word word_at(const Port& port, std::size_t index) {
  Word word = 0;
  std::memcpy(&word, reinterpret_cast<const char*>(&port) + sizeof(Word) * index, sizeof word);
  return word;
}

// The elements of element_bench.sv, in their order.
std::vector<ElementTerms> elements() {
  return {{"exact", 8, 0, {}},
          {"exact", 8, 0, {}},
          {"exact", 8, 0, {}},
          {"exact", 7, 0, {}},
          {"exact", 6, 0, {}},
          {"exact", 5, 2, {}},
          {"mbm", 8, 0, {}},
          {"mitchell", 8, 0, {}},
          {"mitchell:w4", 8, 0, {}},
          {"log2:w5", 8, 0, {}},
          {"log2-corrected:w7", 8, 0, {}},
          {"log2-corrected:w5", 8, 3, {}},
          {"exact", 8, 0, {}},
          {"exact", 8, 0, {}},
          {"exact", 7, 0, {}},
          {"exact", 5, 0, {}},
          {"exact", 8, 0, {}},
          {"exact", 7, 0, {}},
          {"exact", 6, 0, {}},
          {"exact", 5, 0, {}},
          {"drum:6", 8, 0, {}},
          {"realm:4", 8, 0, {}},
          {"mbm", 8, 4, {}},
          {"broken-array:6", 8, 0, {}},
          {"broken-array:4", 6, 4, {}},
          {"broken-array:2", 5, 2, {}}};
}

}  // namespace

std::uint32_t addend_of(std::uint32_t index) {
  return (index * 2654435761U >> 7) & kSumMask;
}

unsigned signs_of(std::uint32_t index) {
  return (index * 2246822519U >> 13) & 3U;
}

std::vector<TreeProducts> tree_products() {
  VerilatedContext context;
  Vtree_multiplier_bench model(&context, "");
  std::vector<TreeProducts> forms(kForms);
  for (std::size_t i = 0; i < kForms; ++i) {
    TreeProducts& form = forms[i];
    form.width = 5 + static_cast<int>(i) / 4;
    form.is_signed = i / 2 % 2 != 0;
    form.booth = i % 2 != 0;
  }
  for (std::uint32_t index = 0; index < kOperands * kOperands; ++index) {
    model.a_i = static_cast<std::uint8_t>(index / kOperands);
    model.b_i = static_cast<std::uint8_t>(index % kOperands);
    model.addend_i = addend_of(index);
    model.eval();
    for (std::size_t i = 0; i < kForms; ++i) {
      TreeProducts& form = forms[i];
      if ((index / kOperands | index % kOperands) >> form.width != 0) continue;
      form.products.push_back(word_at<std::uint16_t>(model.products_o, i));
      form.sums.push_back(word_at<std::uint32_t>(model.sums_o, i) & kSumMask);
    }
  }
  model.final();
  record_coverage(context);
  return forms;
}

std::vector<ElementTerms> element_terms() {
  VerilatedContext context;
  Velement_bench model(&context, "");
  std::vector<ElementTerms> result = elements();
  const auto clock = [&] {
    model.clk_i = 0;
    model.eval();
    model.clk_i = 1;
    model.eval();
  };
  // The activation of a cycle is multiplied in the next one, where its partial sum comes; swap_i
  // comes with the first activation of a weight.
  std::uint32_t before = 0;
  const auto step = [&](bool any, std::uint32_t index) {
    model.sum_i = addend_of(before);
    clock();
    if (any) {
      for (std::size_t i = 0; i < result.size(); ++i) {
        const auto sum = static_cast<std::int32_t>(word_at<std::uint32_t>(model.sums_o, i));
        const auto addend = static_cast<std::int32_t>(addend_of(before) << 11) >> 11;
        // Modulo 2^21.
        result[i].terms.push_back(
            static_cast<std::int32_t>(static_cast<std::uint32_t>(sum - addend) << 11) >> 11);
      }
    }
    before = index;
  };
  // The sign of a weight stays with it; that of an activation differs.
  const auto present_weight = [&](std::uint32_t weight) {
    model.weight_i =
        static_cast<std::uint16_t>((signs_of(weight * kOperands) & 1U) << 8 | (weight & 255U));
    model.weight_load_i = 1;
  };
  present_weight(0);
  clock();
  for (std::uint32_t weight = 0; weight < kOperands; weight += kWeightStep) {
    for (std::uint32_t activation = 0; activation < kOperands; ++activation) {
      const std::uint32_t index = weight * kOperands + activation;
      model.weight_load_i = 0;
      model.swap_i = activation == 0 ? 1 : 0;
      model.activation_i = static_cast<std::uint16_t>((signs_of(index) & 2U) << 7 | activation);
      if (activation == kOperands - 2) present_weight(weight + kWeightStep);  // waits
      step(index > 0, index);
    }
  }
  model.swap_i = 0;
  model.weight_load_i = 0;
  step(true, 0);
  model.final();
  record_coverage(context);
  return result;
}

}  // namespace mbm
