// The multiplier modules against the golden model, whose tables the golden model's own tests
// compare with published ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "testbench/multiplier_bench.hpp"

namespace mbm {
namespace {

std::size_t count_differences(std::span<const std::uint16_t> got,
                              std::span<const std::uint16_t> want) {
  std::size_t differences = 0;
  for (std::size_t i = 0; i < ProductTable::kEntries; ++i) differences += got[i] != want[i] ? 1 : 0;
  return differences;
}

class MultiplierModule : public testing::TestWithParam<std::string> {};

TEST_P(MultiplierModule, EqualsModelOnAllPairs) {
  const ProductTable table = make_product_table(GetParam());
  EXPECT_EQ(count_differences(verilog_products(GetParam(), false), table.products()), 0U);
}

TEST_P(MultiplierModule, TwoStagesEqualModelOnAllPairs) {
  const ProductTable table = make_product_table(GetParam());
  EXPECT_EQ(count_differences(verilog_products(GetParam(), true), table.products()), 0U);
}

TEST_P(MultiplierModule, OneFlippedEntryOfTheModelIsSeen) {
  const ProductTable table = make_product_table(GetParam());
  std::vector<std::uint16_t> flipped(table.products().begin(), table.products().end());
  flipped[200 * 256 + 77] ^= 1;
  EXPECT_EQ(count_differences(verilog_products(GetParam(), false), flipped), 1U);
}

INSTANTIATE_TEST_SUITE_P(Rtl, MultiplierModule, testing::Values("mitchell", "mbm", "mbm-ref"),
                         [](const auto& instance) {
                           return instance.param == "mbm-ref" ? "mbm_ref" : instance.param;
                         });

// The variants differ in 142 products (as the golden model does, product_table_test.cpp): the
// parameter does something.
TEST(MultiplierModules, VariantsOfMbmDiffer) {
  EXPECT_EQ(count_differences(verilog_products("mbm", false), verilog_products("mbm-ref", false)),
            142U);
}

}  // namespace
}  // namespace mbm
