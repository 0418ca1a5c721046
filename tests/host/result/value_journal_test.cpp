#include "host/result/value_journal.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "cmodel/common/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using Sums = ValueJournal<std::vector<int>, int>;

class ValueJournalTest : public testing::Test {
 protected:
  // Sums up a question's numbers and counts how often it was asked.
  Sums sums(const std::string& folder, const nlohmann::json& configuration = {{"of", "numbers"}}) {
    return {folder, configuration, {"numbers", "sum", "a sum"}, [this](const std::vector<int>& q) {
              ++asked_;
              int sum = 0;
              for (const int number : q) sum += number;
              return sum;
            }};
  }

  test::TemporaryFolder folder_;
  int asked_ = 0;
};

TEST_F(ValueJournalTest, AsksOnceEvenIfTheRunStopsBetween) {
  {
    Sums first = sums(folder_.path());
    EXPECT_FALSE(first.knows({1, 2}));
    EXPECT_EQ(first.value({1, 2}), 3);
    EXPECT_EQ(first.value({1, 2}), 3);
    EXPECT_EQ(asked_, 1);
  }
  Sums second = sums(folder_.path());
  EXPECT_TRUE(second.knows({1, 2}));
  EXPECT_EQ(second.value({1, 2}), 3);
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(second.value({1, 3}), 4);
  EXPECT_EQ(asked_, 2);
}

TEST_F(ValueJournalTest, WithoutAFolderNothingIsKept) {
  Sums first = sums("");
  EXPECT_EQ(first.value({5}), 5);
  EXPECT_TRUE(first.knows({5}));
  EXPECT_FALSE(sums("").knows({5}));
}

TEST_F(ValueJournalTest, RefusesAnotherConfigurationAndAnotherLine) {
  sums(folder_.path()).value({1});
  EXPECT_THROW(sums(folder_.path(), {{"of", "letters"}}), Error);
  std::ofstream(folder_.path() / "journal.jsonl", std::ios::app) << "{\"numbers\": [2]}\n";
  EXPECT_THROW(sums(folder_.path()), Error);
}

}  // namespace
}  // namespace mbm
