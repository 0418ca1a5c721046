#include "cmodel/multiplier/error_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "cmodel/common/error.hpp"
#include "tests/support/published_errors.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// How the names of the published rows are written here; the first match counts.
const std::vector<std::pair<std::regex, std::string>>& spellings() {
  static const std::vector<std::pair<std::regex, std::string>> list = {
      {std::regex(R"(exact)"), "exact"},
      {std::regex(R"(Mitchell)"), "mitchell"},
      {std::regex(R"(Mitchell trunc t=2 .*)"), "mitchell:w5"},
      {std::regex(R"(Mitchell trunc t=3 .*)"), "mitchell:w4"},
      {std::regex(R"(Mitchell trunc t=4 .*)"), "mitchell:w3"},
      {std::regex(R"(Mitchell trunc\+LSB1 t=1)"), "mitchell:w6:set"},
      {std::regex(R"(Mitchell trunc\+LSB1 t=2)"), "mitchell:w5:set"},
      {std::regex(R"(Mitchell trunc\+LSB1 t=3)"), "mitchell:w4:set"},
      {std::regex(R"(MBM ref table.*)"), "mbm-ref"},
      {std::regex(R"(MBM paper.*)"), "mbm"},
      {std::regex(R"(MBM any-skip,floor)"), "mbm-skip"},
      {std::regex(R"(MBM-(\d) \(any-skip,floor\))"), "mbm-skip:t$1"},
      {std::regex(R"(MBM c=(\d+)/128)"), "mbm-skip:c$1"},
      {std::regex(R"(MBM-fold c=(\d)/128)"), "mbm-folded:$1"},
      {std::regex(R"(MBM-fold t=(\d) c=(\d)/128)"), "mbm-folded:$2:t$1"},
      {std::regex(R"(REALM(\d+) t=(\d))"), "realm:$1:t$2"},
      {std::regex(R"(ALM-SOA m=(\d))"), "alm-soa:$1"},
      {std::regex(R"(ALM-LOA m=(\d))"), "alm-loa:$1"},
      {std::regex(R"(DR-ALM w=(\d))"), "dr-alm:$1"},
      {std::regex(R"(ILM-EA)"), "ilm"},
      {std::regex(R"(U-RoBA)"), "roba"},
      {std::regex(R"(Iterative log, (\d) BB)"), "iterative-log:$1"},
      {std::regex(R"(DRUM-(\d))"), "drum:$1"},
      {std::regex(R"(SSM-(\d))"), "ssm:$1"},
      {std::regex(R"(ESSM-(\d))"), "essm:$1"},
      {std::regex(R"(TOSAM\((\d),(\d)\))"), "tosam:$1:$2"},
      {std::regex(R"(UDM .*)"), "udm"},
      {std::regex(R"(RND-(\d) .*)"), "exact-rounded:$1"},
      {std::regex(R"(TRUNC ops drop 1)"), "exact-truncated:7"},
      {std::regex(R"(TRUNC ops drop 2)"), "exact-truncated:6"},
      {std::regex(R"(TRUNC ops drop 3)"), "exact-truncated:5"},
      {std::regex(R"(TRUNC ops drop 4)"), "exact-truncated:4"},
      {std::regex(R"(BAM drop cols<(\d))"), "broken-array:$1"},
      {std::regex(R"(BAM\+const cols<(\d))"), "broken-array:$1:const"},
  };
  return list;
}

// The name of a published row here; empty for the rows of tables (EvoApproxLib) and of the family
// whose coefficients are not published (scaleTRIM).
std::string our_name(const std::string& published) {
  for (const auto& [pattern, name] : spellings()) {
    std::smatch match;
    if (std::regex_match(published, match, pattern)) return match.format(name);
  }
  return "";
}

TEST(ErrorStatistics, EveryPublishedRowOfAFamilyReproduces) {
  MBM_REQUIRE_DATA(test::published_errors_file());
  int checked = 0;
  for (const test::PublishedErrors& row :
       test::read_published_errors(test::published_errors_file())) {
    const std::string name = our_name(row.name);
    if (name.empty()) {
      EXPECT_TRUE(row.name.starts_with("Evo ") || row.name.starts_with("scaleTRIM"))
          << "row '" << row.name << "' is no family of ours";
      continue;
    }
    EXPECT_THAT(test::disagreements(row, make_product_table(name)), IsEmpty())
        << "row '" << row.name << "', multiplier '" << name << "'";
    ++checked;
  }
  EXPECT_EQ(checked, 82);
}

// The twin that must fail: another digit in one column of a row.
TEST(ErrorStatistics, OneWrongDigitIsSeenInEveryColumn) {
  const ProductTable table = make_product_table("drum:5");
  const test::PublishedErrors row = {"DRUM-5",
                                     {"94.58", "+0.929", "2.817", "12.89", "3.429", "0.715",
                                      "+0.172", "3904", "-29.5", "-28.0", "-28.9", "0.983"},
                                     false};
  ASSERT_THAT(test::disagreements(row, table), IsEmpty());
  for (std::size_t column = 0; column < row.figures.size(); ++column) {
    test::PublishedErrors wrong = row;
    char& digit = wrong.figures[column].back();
    digit = digit == '9' ? '8' : static_cast<char>(digit + 1);
    EXPECT_THAT(test::disagreements(wrong, table), ElementsAre(column));
  }
}

// ... and one corrupted product.
TEST(ErrorStatistics, OneCorruptedProductIsSeen) {
  MBM_REQUIRE_DATA(test::published_errors_file());
  const ProductTable table = make_product_table("mitchell");
  std::vector<std::uint16_t> products(table.products().begin(), table.products().end());
  products[200 * 256 + 100] ^= 0x4000;
  for (const test::PublishedErrors& row :
       test::read_published_errors(test::published_errors_file())) {
    if (row.name != "Mitchell") continue;
    EXPECT_FALSE(test::disagreements(row, ProductTable("corrupted", products)).empty());
    return;
  }
  FAIL() << "no row 'Mitchell'";
}

// multipliers.md section 4, finding 2: NSRdnn,g by fraction bits W, of true logarithms and of
// Mitchell's. (Its other columns are those of real-valued products.)
TEST(ErrorStatistics, TrueLogarithmsAgainstMitchellByFractionBits) {
  const std::map<int, std::pair<std::string, std::string>> published = {{7, {"-35.0", "-30.4"}},
                                                                        {6, {"-34.7", "-30.4"}},
                                                                        {5, {"-34.0", "-30.3"}},
                                                                        {4, {"-32.0", "-29.3"}},
                                                                        {3, {"-28.0", "-26.6"}}};
  const auto scaled_noise = [](const std::string& name) {
    return decibels(
        error_statistics(make_product_table(name), network_operands(8)).noise_to_signal_scaled);
  };
  for (const auto& [bits, figures] : published) {
    const std::string suffix = ":w" + std::to_string(bits);
    EXPECT_TRUE(test::agrees(figures.first, scaled_noise("log2" + suffix))) << suffix;
    EXPECT_TRUE(test::agrees(figures.second, scaled_noise("mitchell" + suffix))) << suffix;
  }
  EXPECT_TRUE(test::agrees("-37.2", scaled_noise("log2-corrected:w5")));
}

// multipliers.md section 4, finding 1.
TEST(ErrorStatistics, FoldedCorrectionIsUnbiased) {
  const ErrorStatistics uniform =
      error_statistics(make_product_table("mbm-folded"), uniform_operands(8));
  EXPECT_TRUE(test::agrees("-0.08", 100 * uniform.bias));
  EXPECT_TRUE(test::agrees("2.58", 100 * uniform.mean_relative_error));
}

TEST(ErrorStatistics, HistogramSelectsTheOperandsThatOccur) {
  std::vector<std::uint64_t> weights(256);
  std::vector<std::uint64_t> activations(256);
  weights[3] = 5;  // 3 * 3 = 8 in Mitchell's product, -1/9
  activations[3] = 1;
  activations[4] = 3;  // 3 * 4 is exact
  const ErrorStatistics statistics = error_statistics(
      make_product_table("mitchell"),
      {distribution_of_counts(weights, 8), distribution_of_counts(activations, 8)});
  EXPECT_DOUBLE_EQ(statistics.error_rate, 0.25);
  EXPECT_DOUBLE_EQ(statistics.bias, -0.25 / 9);
  EXPECT_DOUBLE_EQ(statistics.peak_relative_error, 1.0 / 9);
  EXPECT_EQ(statistics.worst_case_error, 1U);
  EXPECT_DOUBLE_EQ(statistics.mean_absolute_error, 0.25);
  EXPECT_DOUBLE_EQ(statistics.noise_to_signal, 0.25 / (0.25 * 81 + 0.75 * 144));
}

TEST(ErrorStatistics, HistogramOfTheWrongLengthIsRefused) {
  const std::vector<std::uint64_t> counts(255, 1);
  EXPECT_THROW(distribution_of_counts(counts, 8), Error);
  EXPECT_THROW(distribution_of_counts(std::vector<std::uint64_t>(256), 8), Error);
  EXPECT_THROW(error_statistics(make_product_table("exact"), uniform_operands(7)), Error);
}

TEST(ErrorStatistics, TableAndDefinitionAgree) {
  const ErrorStatistics of_table =
      error_statistics(make_product_table("realm:8:t1"), network_operands(8));
  const ErrorStatistics of_definition =
      error_statistics(*make_multiplier("realm:8:t1"), network_operands(8), 3);
  EXPECT_DOUBLE_EQ(of_table.bias, of_definition.bias);
  EXPECT_DOUBLE_EQ(of_table.noise_to_signal_scaled, of_definition.noise_to_signal_scaled);
  EXPECT_EQ(of_table.worst_case_error, of_definition.worst_case_error);
}

TEST(ErrorStatistics, NonZeroProductOfZeroIsSeen) {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  EXPECT_TRUE(
      error_statistics(ProductTable("zero", products), uniform_operands(8)).zero_annihilates);
  products[17] = 1;  // 0 * 17
  EXPECT_FALSE(
      error_statistics(ProductTable("row", products), uniform_operands(8)).zero_annihilates);
  products[17] = 0;
  products[17 * 256] = 1;  // 17 * 0
  EXPECT_FALSE(
      error_statistics(ProductTable("column", products), network_operands(8)).zero_annihilates);
}

// The 16-bit MBM over all 2^32 products, T fraction bits dropped: Saadat et al. 2018, table I, to
// the digits of multipliers.md, section 1.
TEST(ErrorStatisticsSlow, SixteenBitMbmReproducesOverAllProducts) {
  struct Row {
    std::string bias, mean, peak;
  };
  const std::vector<Row> published = {
      {"-0.0947", "2.583", "7.8125"}, {"-0.0906", "2.584", "7.8247"},
      {"-0.0896", "2.584", "7.8369"}, {"-0.0886", "2.584", "7.8613"},
      {"-0.0876", "2.584", "7.9102"}, {"-0.0866", "2.584", "8.0078"},
      {"-0.0856", "2.585", "8.2031"}, {"-0.0846", "2.589", "8.5938"},
      {"-0.0835", "2.604", "9.3750"}};
  for (std::size_t dropped = 0; dropped < published.size(); ++dropped) {
    const auto multiplier = make_multiplier("mbm:t" + std::to_string(dropped), 16);
    const ErrorStatistics statistics = error_statistics(*multiplier, uniform_operands(16));
    EXPECT_TRUE(test::agrees(published[dropped].bias, 100 * statistics.bias)) << statistics.bias;
    EXPECT_TRUE(test::agrees(published[dropped].mean, 100 * statistics.mean_relative_error))
        << statistics.mean_relative_error;
    EXPECT_TRUE(test::agrees(published[dropped].peak, 100 * statistics.peak_relative_error))
        << statistics.peak_relative_error;
  }
}

}  // namespace
}  // namespace mbm
