// The multiplier modules against their definitions, whose figures the golden model's own tests
// compare with published ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "testbench/multiplier_bench.hpp"

namespace mbm {
namespace {

std::size_t count_differences(std::span<const std::uint16_t> got,
                              std::span<const std::uint16_t> want) {
  std::size_t differences = got.size() == want.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
    differences += got[i] != want[i] ? 1 : 0;
  }
  return differences;
}

// Simulated once for all tests.
const VerilogProducts& products_of(const std::string& name) {
  static const std::map<std::string, VerilogProducts> products = [] {
    std::map<std::string, VerilogProducts> result;
    std::vector<VerilogProducts> simulated = verilog_products();
    for (std::size_t i = 0; i < simulated.size(); ++i) {
      result[verilog_multipliers()[i]] = std::move(simulated[i]);
    }
    return result;
  }();
  return products.at(name);
}

TEST(MultiplierModules, EqualTheirDefinitionsOnAllPairs) {
  for (const std::string& name : verilog_multipliers()) {
    const ProductTable table = make_product_table(name);
    EXPECT_EQ(count_differences(products_of(name).combinational, table.products()), 0U) << name;
  }
}

TEST(MultiplierModules, TwoStagesEqualTheirDefinitionsOnAllPairs) {
  for (const std::string& name : verilog_multipliers()) {
    const ProductTable table = make_product_table(name);
    EXPECT_EQ(count_differences(products_of(name).two_stage, table.products()), 0U) << name;
  }
}

TEST(MultiplierModules, OneFlippedEntryOfADefinitionIsSeen) {
  for (const std::string& name : verilog_multipliers()) {
    const ProductTable table = make_product_table(name);
    std::vector<std::uint16_t> flipped(table.products().begin(), table.products().end());
    flipped[200 * 256 + 77] ^= 1;
    EXPECT_EQ(count_differences(products_of(name).combinational, flipped), 1U) << name;
    EXPECT_EQ(count_differences(products_of(name).two_stage, flipped), 1U) << name;
  }
}

// No configuration is there twice or has parameters without effect, except the whole segment of
// drum:8, which is exact, and the corrections of one bit, which are all rounded to zero.
TEST(MultiplierModules, ConfigurationsDiffer) {
  const std::vector<std::string>& names = verilog_multipliers();
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::size_t differences = count_differences(products_of(names[i]).combinational,
                                                        products_of(names[j]).combinational);
      const bool equal = (names[i] == "drum:8" && names[j] == "exact") ||
                         (names[i] == "log2-corrected:w1" && names[j] == "log2:w1");
      EXPECT_EQ(differences == 0, equal) << names[i] << ", " << names[j];
    }
  }
}

// The published 142 differences, as the golden model has them (product_table_test.cpp).
TEST(MultiplierModules, VariantsOfMbmDiffer) {
  EXPECT_EQ(
      count_differences(products_of("mbm").combinational, products_of("mbm-ref").combinational),
      142U);
}

std::size_t count_signed_differences(const std::vector<std::int32_t>& got,
                                     const ProductTable& table) {
  std::size_t differences = got.size() == 511 * 511 ? 0 : 1;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const int a = static_cast<int>(i / 511) - 255;
    const int b = static_cast<int>(i % 511) - 255;
    differences += got[i] != table.signed_product(a, b) ? 1 : 0;
  }
  return differences;
}

TEST(SignedMultiplier, EqualsSignAndMagnitudeOnAllPairs) {
  EXPECT_EQ(count_signed_differences(signed_mbm_products(), make_product_table("mbm")), 0U);
  EXPECT_EQ(
      count_signed_differences(signed_exact_two_stage_products(), make_product_table("exact")), 0U);
  EXPECT_NE(count_signed_differences(signed_mbm_products(), make_product_table("exact")), 0U);
}

}  // namespace
}  // namespace mbm
