#include "cmodel/multiplier/product_table.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "cmodel/common/error.hpp"
#include "tests/support/data.hpp"
#include "tests/support/gzip.hpp"

namespace mbm {
namespace {

// Products of the depth study's repository (tables/ of the reference data), A outermost.
std::vector<std::uint16_t> published_products(const std::string& file, bool with_operands) {
  std::istringstream text(test::read_gzip(test::data_folder() / "tables" / file));
  std::vector<std::uint16_t> products;
  std::string line;
  if (with_operands) std::getline(text, line);  // header
  while (std::getline(text, line)) {
    if (line.empty()) continue;
    const auto comma = line.rfind(',');
    products.push_back(static_cast<std::uint16_t>(
        std::stoi(comma == std::string::npos ? line : line.substr(comma + 1))));
  }
  return products;
}

int count_differences(const ProductTable& table, const std::vector<std::uint16_t>& expected) {
  int differences = 0;
  for (std::size_t i = 0; i < ProductTable::kEntries; ++i) {
    differences += table.products()[i] != expected[i] ? 1 : 0;
  }
  return differences;
}

TEST(ProductTable, MbmRefEqualsPublishedTable) {
  MBM_REQUIRE_DATA(test::data_folder() / "tables");
  const auto expected = published_products("reference_mbm.csv.gz", true);
  ASSERT_EQ(expected.size(), ProductTable::kEntries);
  EXPECT_EQ(count_differences(make_product_table("mbm-ref"), expected), 0);
}

TEST(ProductTable, MitchellEqualsPublishedTable) {
  MBM_REQUIRE_DATA(test::data_folder() / "tables");
  const auto expected = published_products("mitchell_products.txt.gz", false);
  ASSERT_EQ(expected.size(), ProductTable::kEntries);
  EXPECT_EQ(count_differences(make_product_table("mitchell"), expected), 0);
}

TEST(ProductTable, OneFlippedEntryIsSeen) {
  const ProductTable table = make_product_table("mbm-ref");
  std::vector<std::uint16_t> flipped(table.products().begin(), table.products().end());
  flipped[12345] ^= 1;
  EXPECT_EQ(count_differences(table, flipped), 1);
}

// multipliers.md section 1: the two variants differ in 142 entries, by at most 1,280; 59 of them
// are small products that are rounded up by one.
TEST(ProductTable, MbmVariantsDifferWhereThePaperIsOpen) {
  const ProductTable paper = make_product_table("mbm");
  const ProductTable reference = make_product_table("mbm-ref");
  int differences = 0;
  int by_one = 0;
  int largest = 0;
  for (std::size_t i = 0; i < ProductTable::kEntries; ++i) {
    const int difference = std::abs(paper.products()[i] - reference.products()[i]);
    differences += difference != 0 ? 1 : 0;
    by_one += difference == 1 ? 1 : 0;
    largest = std::max(largest, difference);
  }
  EXPECT_EQ(differences, 142);
  EXPECT_EQ(by_one, 59);
  EXPECT_EQ(largest, 1280);
}

TEST(ProductTable, SignedProductIsSignAndMagnitude) {
  const ProductTable table = make_product_table("mbm");
  EXPECT_EQ(table.signed_product(-200, 100), -table(200, 100));
  EXPECT_EQ(table.signed_product(-200, -100), table(200, 100));
  EXPECT_EQ(table.signed_product(0, -100), 0);
}

TEST(ProductTable, WrongSizeIsRefused) {
  const std::vector<std::uint16_t> products(65535);
  EXPECT_THROW(ProductTable("short", products), Error);
}

TEST(ProductTable, UnknownMultiplierNamesTheKnownOnes) {
  try {
    make_product_table("mbn");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("mbm-ref"), std::string::npos);
  }
}

}  // namespace
}  // namespace mbm
