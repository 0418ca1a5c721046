#include "host/result/study_journal.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "cmodel/common/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

const nlohmann::json kConfiguration = {{"multiplier", "mbm"}};

StudyPiece example_piece(const std::string& image) {
  return {7,
          2,
          {image},
          {{0.1, 0.2, 0.3, 1.0 / 3.0, 0.5, 0.6}},
          {{{1, 2, 3, 4, 5, 6}, {{7, 8, 9, 10, 11, 12}}}},
          {3, 4},
          {"plan a", "plan b"}};
}

TEST(StudyJournal, GivesBackWhatWasAppended) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.jsonl";
  {
    StudyJournal journal(path, kConfiguration);
    EXPECT_TRUE(journal.pieces().empty());
    journal.append(example_piece("a"));
    journal.append(example_piece("b"));
  }
  const StudyJournal journal(path, kConfiguration);
  ASSERT_EQ(journal.pieces().size(), 2U);
  const StudyPiece& piece = journal.pieces()[1];
  EXPECT_EQ(piece.first, 7U);
  EXPECT_EQ(piece.variant, 2U);
  EXPECT_EQ(piece.images, std::vector<std::string>{"b"});
  EXPECT_EQ(piece.plans, example_piece("b").plans);
  EXPECT_EQ(piece.exact_float, example_piece("b").exact_float);  // exact, bit for bit
  EXPECT_EQ(piece.metrics.at(0).columns.at(0)[5], 12);
  EXPECT_EQ(journal.pieces()[0].saturated, example_piece("a").saturated);
}

TEST(StudyJournal, DropsALineThatWasCutOff) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.jsonl";
  StudyJournal(path, kConfiguration).append(example_piece("a"));
  std::ofstream(path, std::ios::app) << "{\"images\": [";
  StudyJournal journal(path, kConfiguration);
  EXPECT_EQ(journal.pieces().size(), 1U);
  journal.append(example_piece("b"));
  EXPECT_EQ(StudyJournal(path, kConfiguration).pieces().size(), 2U);
}

TEST(StudyJournal, RefusesAnotherConfiguration) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.jsonl";
  StudyJournal(path, kConfiguration).append(example_piece("a"));
  EXPECT_THROW(StudyJournal(path, {{"multiplier", "mitchell"}}), Error);
}

TEST(StudyJournal, NamesTheLineThatIsMalformed) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.jsonl";
  std::ofstream(path) << kConfiguration.dump() << "\n{\"images\": 5}\n";
  try {
    StudyJournal(path, kConfiguration);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_NE(std::string(error.what()).find("journal.jsonl:2"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace mbm
