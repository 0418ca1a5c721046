#include "cmodel/convolution/factored_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mbm {
namespace {

// A table of magnitudes from a function of two operands.
template <typename Function>
ProductTable tabulate(const Function& function) {
  std::vector<std::uint16_t> products;
  for (unsigned a = 0; a < ProductTable::kOperands; ++a) {
    for (unsigned b = 0; b < ProductTable::kOperands; ++b) {
      products.push_back(static_cast<std::uint16_t>(function(a, b)));
    }
  }
  return ProductTable("tabulated", products);
}

std::int64_t count_differences(const FactoredTable& factored, const ProductTable& table) {
  std::int64_t differences = 0;
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      differences += factored.product(a, b) != table(a, b) ? 1 : 0;
    }
  }
  return differences;
}

// Operand truncation keeps the upper bits, as DRUM does: rank 1 (emulation-speed study, 2.4).
unsigned keep_upper(unsigned value) {
  unsigned shift = 0;
  while (value >> shift >= 16) ++shift;
  return value >> shift << shift;
}

// The product of 2x2-bit blocks of Kulkarni, Gupta and Ercegovac (VLSI Design 2011): 3 * 3 = 7.
unsigned kulkarni(unsigned a, unsigned b) {
  unsigned sum = 0;
  for (unsigned i = 0; i < 8; i += 2) {
    for (unsigned j = 0; j < 8; j += 2) {
      const unsigned x = a >> i & 3;
      const unsigned y = b >> j & 3;
      sum += (x == 3 && y == 3 ? 7 : x * y) << (i + j);
    }
  }
  return sum;
}

// An array multiplier without its lowest `columns` columns.
unsigned truncated(unsigned a, unsigned b, unsigned columns) {
  unsigned sum = 0;
  for (unsigned i = 0; i < 8; ++i) {
    for (unsigned j = 0; j < 8; ++j) {
      if (i + j >= columns) sum += (a >> i & 1) * (b >> j & 1) << (i + j);
    }
  }
  return sum;
}

TEST(FactoredTable, TheExactProductIsOneTerm) {
  const auto factored = factor_table(make_product_table("exact"), 8);
  ASSERT_TRUE(factored);
  EXPECT_EQ(factored->terms.size(), 1U);
  EXPECT_EQ(count_differences(*factored, make_product_table("exact")), 0);
}

// Ranks of the study of emulation speed, table 2.4.
TEST(FactoredTable, KnownTablesHaveTheirRanks) {
  const auto expect_terms = [](const ProductTable& table, std::size_t terms, int rank) {
    const auto factored = factor_table(table, 8);
    ASSERT_TRUE(factored);
    EXPECT_EQ(factored->terms.size(), terms);
    EXPECT_EQ(count_differences(*factored, table), 0);
    EXPECT_EQ(table_rank(table), rank);
  };
  expect_terms(tabulate([](unsigned a, unsigned b) { return keep_upper(a) * keep_upper(b); }), 1,
               1);
  expect_terms(tabulate(kulkarni), 2, 2);
  expect_terms(tabulate([](unsigned a, unsigned b) { return truncated(a, b, 4); }), 5, 5);
  expect_terms(tabulate([](unsigned a, unsigned b) { return truncated(a, b, 6); }), 7, 7);
  expect_terms(tabulate([](unsigned, unsigned) { return 0U; }), 0, 0);
}

TEST(FactoredTable, LogarithmicTablesHaveHighRanks) {
  EXPECT_EQ(table_rank(make_product_table("mbm-ref")), 134);
  EXPECT_EQ(error_rank(make_product_table("mbm-ref")), 134);
  EXPECT_EQ(table_rank(make_product_table("mitchell")), 128);
  EXPECT_EQ(error_rank(make_product_table("mitchell")), 127);
  EXPECT_EQ(error_rank(make_product_table("exact")), 0);
  EXPECT_FALSE(factor_table(make_product_table("mbm"), 8));
}

// One wrong entry costs one more term and is never overlooked.
TEST(FactoredTable, OneFlippedEntryIsSeen) {
  const ProductTable exact = make_product_table("exact");
  std::vector<std::uint16_t> products(exact.products().begin(), exact.products().end());
  products[200 * 256 + 100] += 5;
  const ProductTable flipped("flipped", products);
  const auto factored = factor_table(flipped, 8);
  ASSERT_TRUE(factored);
  EXPECT_EQ(factored->terms.size(), 2U);
  EXPECT_EQ(count_differences(*factored, flipped), 0);
  EXPECT_EQ(count_differences(*factored, exact), 1);
}

}  // namespace
}  // namespace mbm
