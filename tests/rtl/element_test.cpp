// Exact multipliers of trees and processing elements against integer arithmetic and the definitions
// of the multipliers, on all operands.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "testbench/element_bench.hpp"

namespace mbm {
namespace {

std::int64_t value_of(std::uint32_t bits, int width, bool is_signed) {
  const std::int64_t value = bits;
  return is_signed && (bits >> (width - 1)) != 0 ? value - (std::int64_t{1} << width) : value;
}

struct TreeDifferences {
  std::size_t products = 0;
  std::size_t sums = 0;
};

TreeDifferences differences(const TreeProducts& form) {
  TreeDifferences result;
  const std::uint32_t operands = 1U << form.width;
  for (std::uint32_t i = 0; i < operands * operands; ++i) {
    const std::int64_t product = value_of(i / operands, form.width, form.is_signed) *
                                 value_of(i % operands, form.width, form.is_signed);
    const auto bits = static_cast<std::uint64_t>(product);
    result.products += (bits & (operands * operands - 1)) != form.products[i] ? 1 : 0;
    result.sums +=
        ((bits + addend_of(i / operands * 256 + i % operands)) & 0x1fffff) != form.sums[i] ? 1 : 0;
  }
  return result;
}

// Simulated once for all tests.
const std::vector<TreeProducts>& forms() {
  static const std::vector<TreeProducts> products = tree_products();
  return products;
}

TEST(TreeMultiplier, EqualsIntegerProductsOnAllOperands) {
  ASSERT_EQ(forms().size(), 16U);
  for (const TreeProducts& form : forms()) {
    ASSERT_EQ(form.products.size(), std::size_t{1} << (2 * form.width));
    const TreeDifferences found = differences(form);
    EXPECT_EQ(found.products, 0U) << form.width << form.is_signed << form.booth;
    EXPECT_EQ(found.sums, 0U) << form.width << form.is_signed << form.booth;
  }
}

TEST(TreeMultiplier, OneFlippedBitIsSeen) {
  TreeProducts form = forms().back();
  form.products[1234] ^= 1U;
  form.sums[4321] ^= 1U << 20;
  EXPECT_EQ(differences(form).products, 1U);
  EXPECT_EQ(differences(form).sums, 1U);
}

// What an element must add: the product of the low bits of the operands, with sign, its low bits
// dropped.
std::int32_t expected_term(const ElementTerms& element, const ProductTable& table,
                           std::uint32_t index) {
  const std::uint32_t mask = (1U << element.width) - 1;
  const std::uint32_t weight = index / 256 * kWeightStep;
  const std::uint32_t activation = index % 256;
  const auto magnitude =
      static_cast<std::int32_t>(table(weight & mask, activation & mask) >> element.dropped_bits);
  const bool negative =
      ((signs_of(weight * 256) & 1U) != 0) != ((signs_of(weight * 256 + activation) & 2U) != 0);
  return negative ? -magnitude : magnitude;
}

std::size_t differences(const ElementTerms& element) {
  const ProductTable table = make_product_table(element.multiplier);
  std::size_t count = element.terms.size() == std::size_t{86} * 256 ? 0 : 1;
  for (std::uint32_t i = 0; i < element.terms.size(); ++i) {
    count += element.terms[i] != expected_term(element, table, i) ? 1 : 0;
  }
  return count;
}

const std::vector<ElementTerms>& elements() {
  static const std::vector<ElementTerms> terms = element_terms();
  return terms;
}

TEST(ProcessingElement, EveryFormAddsItsProducts) {
  ASSERT_EQ(elements().size(), 26U);
  for (std::size_t i = 0; i < elements().size(); ++i) {
    EXPECT_EQ(differences(elements()[i]), 0U) << i << " " << elements()[i].multiplier;
  }
}

TEST(ProcessingElement, OneWrongTermIsSeen) {
  ElementTerms element = elements().at(8);
  element.terms[4000] += 1;
  EXPECT_EQ(differences(element), 1U);
}

}  // namespace
}  // namespace mbm
