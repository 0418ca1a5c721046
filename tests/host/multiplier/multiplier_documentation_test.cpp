// The chapter docs/multipliers.md and the table of proofs say what the program says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "host/format/product_table_file.hpp"
#include "host/multiplier/multiplier_list.hpp"
#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;

std::string chapter() {
  return test::read_bytes(test::source_folder() / "docs" / "multipliers.md");
}

TEST(MultiplierDocumentation, ErrorTableIsThatOfTheCommand) {
  const std::string text = chapter();
  const std::string begin = "<!-- begin: mbm multiplier list --format markdown -->\n";
  const std::size_t first = text.find(begin);
  ASSERT_NE(first, std::string::npos);
  const std::size_t last = text.find("<!-- end -->", first);
  EXPECT_EQ(text.substr(first + begin.size(), last - first - begin.size()),
            list_markdown(listed_multipliers()));
}

TEST(MultiplierDocumentation, EveryFamilyAndFormatIsDescribed) {
  const std::string text = chapter();
  for (const MultiplierFamily& family : multiplier_families()) {
    EXPECT_THAT(text, HasSubstr(fmt::format("`{}", family.name))) << family.name;
  }
  for (const std::string& format : product_table_format_names()) {
    EXPECT_THAT(text, HasSubstr(fmt::format("`{}`", format))) << format;
  }
}

// Every listed multiplier is proved, with the worst case of its definition and operands that meet
// it.
TEST(MultiplierDocumentation, WorstCaseOfEveryMultiplierIsProved) {
  const std::string text =
      test::read_bytes(test::source_folder() / "docs" / "results" / "proofs.md");
  for (const ListedMultiplier& entry : listed_multipliers()) {
    const std::uint64_t worst_case = entry.uniform.worst_case_error;
    const std::regex row(fmt::format(
        R"(\| `{}` \| [a-z0-9_ A-Z]+ \| {} \| proved \| (none: exact|(\d+) \* (\d+) = (\d+)) \|)",
        entry.name, worst_case));
    std::smatch match;
    ASSERT_TRUE(std::regex_search(text, match, row)) << entry.name;
    EXPECT_EQ(match[1] == "none: exact", worst_case == 0) << entry.name;
    if (worst_case == 0) continue;
    const auto a = static_cast<std::uint32_t>(std::stoul(match[2]));
    const auto b = static_cast<std::uint32_t>(std::stoul(match[3]));
    const auto product = static_cast<std::int64_t>(make_multiplier(entry.name)->multiply(a, b));
    EXPECT_EQ(product, std::stoll(match[4])) << entry.name;
    EXPECT_EQ(std::abs(product - std::int64_t{a} * b), static_cast<std::int64_t>(worst_case))
        << entry.name;
  }
}

}  // namespace
}  // namespace mbm
