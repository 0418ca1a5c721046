// mbm train as a user meets it, with as little training as there can be.
#include <gtest/gtest.h>

#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

std::string training(const std::string& arguments) {
  return "train --rooms 2 --batch 2 --validation-rooms 1 --stage 1 " + arguments;
}

TEST(TrainCommand, WritesWeightsThatRunReads) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "weights.safetensors").string();
  const test::CommandResult result = test::run_mbm(training("--epochs 1 --out " + weights));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_NE(result.error.find("step 1/1"), std::string::npos) << result.error;
  const auto metadata = read_safetensors_metadata(weights);
  EXPECT_EQ(metadata.at("network"), "densedepth-mobilenetv2-small");
  EXPECT_EQ(metadata.at("seed"), "1");
  EXPECT_EQ(metadata.at("steps"), "1");
  EXPECT_EQ(metadata.at("command"),
            "mbm train --network densedepth-mobilenetv2-small --rooms 2 --epochs 1 --batch 2 "
            "--learning-rate 0.003 --weight-decay 0.01 --seed 1 --threads 1");

  const std::string data = (folder / "rooms").string();
  ASSERT_EQ(test::run_mbm("rooms --count 1 --out " + data).exit_code, 0);
  const test::CommandResult run =
      test::run_mbm("run --layers conv3 --weights " + weights + " --data " + data);
  EXPECT_EQ(run.exit_code, 0) << run.error;

  const test::CommandResult again = test::run_mbm(training("--epochs 1 --out " + weights));
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.error.find("exists"), std::string::npos) << again.error;
}

TEST(TrainCommand, TakesUpItsCheckpointAndNoOther) {
  const test::TemporaryFolder folder;
  const std::string checkpoint = " --checkpoint " + (folder / "checkpoint.safetensors").string();
  const auto out = [&](const std::string& name) { return " --out " + (folder / name).string(); };
  ASSERT_EQ(test::run_mbm(training("--epochs 2" + checkpoint + out("a"))).exit_code, 0);
  const test::CommandResult resumed = test::run_mbm(training("--epochs 2" + checkpoint + out("b")));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_NE(resumed.error.find("resumed"), std::string::npos);
  EXPECT_EQ(test::read_bytes(folder / "a"), test::read_bytes(folder / "b"));
  const test::CommandResult other = test::run_mbm(training("--epochs 3" + checkpoint + out("c")));
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_NE(other.error.find("epochs '2', expected '3'"), std::string::npos) << other.error;
}

TEST(TrainCommand, RefusesWhatItCannotDo) {
  EXPECT_EQ(test::run_mbm(training("--epochs 1 --batch 3 --out x")).exit_code, 2);
  EXPECT_EQ(test::run_mbm(training("--network nothing --out x")).exit_code, 2);
  const test::CommandResult full =
      test::run_mbm(training("--network densedepth-mobilenetv2 --out x"));
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_NE(full.error.find("480x640"), std::string::npos) << full.error;
  EXPECT_EQ(test::run_mbm("train --data nowhere --out x").exit_code, 3);
}

}  // namespace
}  // namespace mbm
