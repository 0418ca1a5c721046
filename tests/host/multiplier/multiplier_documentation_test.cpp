// The chapter docs/multipliers.md says what the program says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace mbm
