// LeNet-5 as a user meets it: the embedded digits and weights, widths of accumulators, training.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "host/dataset/digits.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/data.hpp"

namespace mbm {
namespace {

nlohmann::json run_json(const std::string& arguments) {
  const test::CommandResult result = test::run_mbm(arguments + " --format json");
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return nlohmann::json::parse(result.output);
}

void expect_failure(const std::string& arguments, int exit_code, const std::string& part) {
  const test::CommandResult result = test::run_mbm(arguments);
  EXPECT_EQ(result.exit_code, exit_code) << arguments << ": " << result.error;
  EXPECT_EQ(result.output, "");
  EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
}

double accuracy(const nlohmann::json& document, const std::string& column) {
  for (const auto& entry : document.at("columns")) {
    if (entry.at("products_of") == column) return entry.at("mean").at("accuracy");
  }
  ADD_FAILURE() << "no column " << column;
  return 0;
}

// The embedded network on its own held-out digits (the figure is that of data/default/README.md).
TEST(LeNet, RunsFromAFreshClone) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const nlohmann::json document = run_json("run --network lenet5 --worst 7 --out " + out);
  EXPECT_EQ(document.at("images").size(), 1000U);
  EXPECT_GT(accuracy(document, "float"), 0.97);
  EXPECT_NEAR(accuracy(document, "weights quantised"), accuracy(document, "float"), 0.003);
  EXPECT_NEAR(accuracy(document, "exact"), accuracy(document, "float"), 0.005);
  std::int64_t right = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    right += document.at("columns").at(3).at("confusion").at(i).at(i).get<std::int64_t>();
  }
  EXPECT_NEAR(static_cast<double>(right) / 1000, accuracy(document, "mbm"), 1e-9);
  EXPECT_EQ(document.at("worst").size(), 7U);
  EXPECT_TRUE(std::filesystem::exists(folder / "out" / "worst.png"));
}

TEST(LeNet, BothWaysOfRequantisationAndBothRoundings) {
  const std::string run = "run --network lenet5 --arithmetic integer --images 500 ";
  for (const char* scaling : {"multiply", "divide"}) {
    for (const char* rounding : {"nearest", "floor"}) {
      const nlohmann::json document = run_json(run + "--weight-scales tensor --requantization " +
                                               scaling + " --requantization-rounding " + rounding);
      EXPECT_NEAR(accuracy(document, "exact"), accuracy(document, "float"), 0.02);
      EXPECT_EQ(document.at("requantization"), scaling);
    }
  }
  expect_failure(run + "--requantization shift", 2, "shift");
}

// 99.13 % in float is the README's of the reference data; half a million products an image as the
// study counts them.
TEST(LeNet, WidthsOfTheReferenceNetwork) {
  const auto data = test::data_folder();
  MBM_REQUIRE_DATA(data / "lenet");
  MBM_REQUIRE_DATA(data / "mnist");
  const nlohmann::json document =
      run_json("sweep widths --weights " + (data / "lenet" / "lenet5.npz").string() + " --data " +
               (data / "mnist").string() + " --images 500 --fewest-bits 12 --most-bits 20");
  const auto& all = document.at("curves").at(0).at("accuracy");
  EXPECT_LT(all.at(0).get<double>(), 0.9);
  EXPECT_NEAR(all.at(8).get<double>(), document.at("accuracy_without_limit").get<double>(), 0.002);
  EXPECT_EQ(document.at("sums").at(0).at("worst_case_bits"), 22);  // the report's
  EXPECT_EQ(document.at("sums").at(2).at("worst_case_bits"), 26);
  EXPECT_EQ(document.at("energy_of_bits").at(0).at("energy_of_bits").at("as the report counts"),
            402692880);
}

const std::string kSweep = "sweep widths --images 100 --fewest-bits 11 --most-bits 13 ";

TEST(LeNet, AnInterruptedSweepContinues) {
  const test::TemporaryFolder folder;
  const std::string out = " --out " + (folder / "out").string();
  ASSERT_EQ(test::run_mbm(kSweep + out).exit_code, 0);
  const std::string whole = test::read_bytes(folder / "out" / "result.json");
  const std::string journal = test::read_bytes(folder / "out" / "journal.jsonl");
  EXPECT_TRUE(std::filesystem::exists(folder / "out" / "widths.svg"));
  EXPECT_TRUE(std::filesystem::exists(folder / "out" / "sums.svg"));
  // Killed while it wrote its sixth line.
  std::size_t cut = 0;
  for (int line = 0; line < 6; ++line) cut = journal.find('\n', cut) + 1;
  test::write_bytes(folder / "out" / "journal.jsonl", journal.substr(0, cut - 4));
  ASSERT_EQ(test::run_mbm(kSweep + out).exit_code, 0);
  EXPECT_EQ(test::read_bytes(folder / "out" / "result.json"), whole);
  EXPECT_EQ(test::read_bytes(folder / "out" / "journal.jsonl"), journal);
  // What the journal says is taken up, not computed again; another sweep is refused.
  const std::size_t place = journal.find("\"right\":") + 8;
  std::string wrong = journal;
  wrong[place] = wrong[place] == '1' ? '2' : '1';
  test::write_bytes(folder / "out" / "journal.jsonl", wrong);
  ASSERT_EQ(test::run_mbm(kSweep + out).exit_code, 0);
  EXPECT_NE(test::read_bytes(folder / "out" / "result.json"), whole);
  expect_failure(kSweep + "--overflow wrap" + out, 2, "other options");
}

TEST(LeNet, SaturatingAndWrappingDiffer) {
  const auto curves = [](const std::string& rest) { return run_json(kSweep + rest).at("curves"); };
  const nlohmann::json saturating = curves("");
  EXPECT_NE(saturating, curves("--overflow wrap"));
  EXPECT_NE(saturating, curves("--limited-additions last"));
  EXPECT_EQ(curves("--overflow wrap --limited-additions last"), curves("--overflow wrap"));
}

TEST(LeNet, MistakesOfASweepAreNamed) {
  for (const char* bits : {"0", "7", "33", "-4"}) {
    expect_failure(std::string("sweep widths --fewest-bits ") + bits, 2, "8 to 32");
    expect_failure(std::string("sweep widths --most-bits ") + bits, 2, "8 to 32");
  }
  expect_failure("sweep widths --fewest-bits 20 --most-bits 10", 2, "at most --most-bits 10");
  expect_failure("sweep widths --overflow clip", 2, "clip");
  expect_failure("sweep widths --order array --array-rows 0", 2, "0 rows");
  expect_failure("sweep widths --network densedepth-mobilenetv2-small", 2, "score classes");
  expect_failure("sweep widths --layers decoder", 2, "--layers");
  expect_failure("sweep widths --data nowhere", 3, "nowhere");
}

TEST(LeNet, DefectiveInputIsNamed) {
  const test::TemporaryFolder folder;
  const auto run = [&] { return "run --network lenet5 --data " + folder.path().string(); };
  write_digits(folder.path(), DigitsPart::test, drawn_digits(20, 1));
  ASSERT_EQ(test::run_mbm(run()).exit_code, 0);
  const auto images = folder / "t10k-images-idx3-ubyte.gz";
  const std::string bytes = test::read_bytes(images);
  test::write_bytes(images, bytes.substr(0, bytes.size() / 2));
  expect_failure(run(), 3, "truncated");
  write_digits(folder.path(), DigitsPart::test, drawn_digits(19, 1));
  test::write_bytes(images, bytes);
  expect_failure(run(), 3, "19 labels for the 20 images");

  NamedTensors weights =
      read_safetensors(test::source_folder() / "data/default/lenet5.safetensors");
  weights.at("head.fc2.weight")[3][5] = std::numeric_limits<float>::quiet_NaN();
  const auto bad = folder / "nan.safetensors";
  write_safetensors(bad, weights, {});
  expect_failure("run --network lenet5 --weights " + bad.string(), 3, "head.fc2.weight");
  expect_failure("sweep widths --weights " + bad.string(), 3, "head.fc2.weight");
  expect_failure(
      "train --network lenet5 --weights " + bad.string() + " --out " + (folder / "x").string(), 3,
      "head.fc2.weight");
}

// Trained from scratch, then further with a bad multiplier, and evaluated with its own scales.
TEST(LeNet, TrainsFromScratchAndFurther) {
  const test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const std::string common = " --network lenet5 --digits 256 --stage 2 --validation-digits 50 ";
  const std::string scratch = "train --epochs 1" + common + "--out " + path("a");
  const test::CommandResult first = test::run_mbm(scratch);
  ASSERT_EQ(first.exit_code, 0) << first.error;
  EXPECT_NE(first.error.find("accuracy"), std::string::npos) << first.error;
  const std::string tuning = "train --epochs 2 --weights " + path("a") + common +
                             "--multiplier drum:3 --checkpoint " + path("c");
  const std::string rest = " --calibration-out ";
  ASSERT_EQ(test::run_mbm(tuning + " --out " + path("b") + rest + path("b.json")).exit_code, 0);
  const auto metadata = read_safetensors_metadata(path("b"));
  EXPECT_EQ(metadata.at("multiplier"), "drum:3");
  EXPECT_EQ(metadata.at("layers"), "C1,C3,C5,F6,Output");
  // Resumed at its end: the same bytes.
  const test::CommandResult again =
      test::run_mbm(tuning + " --out " + path("d") + rest + path("d.json"));
  EXPECT_NE(again.error.find("resumed"), std::string::npos) << again.error;
  EXPECT_EQ(test::read_bytes(path("b")), test::read_bytes(path("d")));
  const std::string run = "run --network lenet5 --images 50 --multiplier drum:3 --calibration ";
  EXPECT_EQ(test::run_mbm(run + path("b.json") + " --weights " + path("b")).exit_code, 0);
  expect_failure(run + path("b.json") + " --weights " + path("a"), 3, "b.json");
  expect_failure("train --network lenet5 --multiplier mbm --out " + path("e"), 2, "--weights");
  expect_failure("train --network lenet5 --calibration-out x --out " + path("e"), 2, "--weights");
}

}  // namespace
}  // namespace mbm
