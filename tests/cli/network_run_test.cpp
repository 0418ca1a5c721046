// mbm run for digits, ONNX files and integers from layer to layer, as a user meets it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.hpp"
#include "tests/support/data.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

std::string lenet(const std::string& rest) {
  const fs::path data = test::data_folder();
  return "run --network lenet5 --weights " + (data / "lenet" / "lenet5.npz").string() + " --data " +
         (data / "mnist").string() + " " + rest;
}

double accuracy(const nlohmann::json& document, std::size_t column) {
  return document.at("columns").at(column).at("mean").at("accuracy");
}

// 99.13 % in float is README.md's of the reference data.
TEST(NetworkRun, LeNetShowsItsAccuracyInBothArithmetics) {
  MBM_REQUIRE_DATA(test::data_folder() / "lenet");
  MBM_REQUIRE_DATA(test::data_folder() / "mnist");
  const auto run = [](const std::string& rest) {
    const test::CommandResult result = test::run_mbm(lenet("--format json " + rest));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return nlohmann::json::parse(result.output);
  };
  const nlohmann::json integer = run("--arithmetic integer");
  EXPECT_EQ(integer.at("schema"), "mbm.network-run");
  EXPECT_EQ(integer.at("arithmetic"), "integer");
  EXPECT_EQ(integer.at("products"), 416520);  // the LeNet-5 study's
  EXPECT_NEAR(accuracy(integer, 0), 0.9913, 1e-9);
  EXPECT_EQ(integer.at("columns").at(2).at("products_of"), "exact");
  EXPECT_NEAR(accuracy(integer, 2), 0.9913, 0.001);
  EXPECT_EQ(integer.at("images").size(), 10000U);
  const nlohmann::json between = run("--images 500");
  EXPECT_EQ(between.at("arithmetic"), "float-between");
  EXPECT_NEAR(accuracy(between, 2), accuracy(between, 0), 0.005);
}

TEST(NetworkRun, AnOnnxFileIsTheSameNetwork) {
  const fs::path data = test::data_folder();
  MBM_REQUIRE_DATA(data / "lenet" / "lenet5.onnx");
  MBM_REQUIRE_DATA(data / "mnist");
  const std::string rest = " --format json --arithmetic integer --images 1000";
  const test::CommandResult onnx = test::run_mbm(
      "run --network " + (data / "lenet" / "lenet5.onnx").string() + " --data " +
      (data / "mnist").string() + " --input-mean 0.1307 --input-deviation 0.3081" + rest);
  const test::CommandResult built_in = test::run_mbm(lenet(rest));
  ASSERT_EQ(onnx.exit_code, 0) << onnx.error;
  EXPECT_EQ(nlohmann::json::parse(onnx.output).at("images"),
            nlohmann::json::parse(built_in.output).at("images"));
  // Without its scaling it is another one.
  const test::CommandResult unscaled =
      test::run_mbm("run --network " + (data / "lenet" / "lenet5.onnx").string() + " --data " +
                    (data / "mnist").string() + rest);
  EXPECT_NE(nlohmann::json::parse(unscaled.output).at("images"),
            nlohmann::json::parse(built_in.output).at("images"));
}

TEST(NetworkRun, MistakesAreNamed) {
  const auto expect_failure = [](const std::string& arguments, int exit_code,
                                 const std::string& part) {
    const test::CommandResult result = test::run_mbm(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.error;
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
  };
  expect_failure("run --network fastdepth --data .", 2, "--weights");
  expect_failure("run --network lenet5 --data .", 3, "t10k-images");
  expect_failure("run --network nowhere.onnx --data .", 3, "nowhere.onnx");
  expect_failure("run --network nowhere.onnx --weights x.npz --data .", 2, "--weights");
  expect_failure("run --network lenet5 --weights nowhere.npz --data .", 3, "nowhere.npz");
  expect_failure("run --arithmetic decimal", 2, "decimal");
  expect_failure("run --network densedepth-densenet161 --data .", 2, "random");
  MBM_REQUIRE_DATA(test::data_folder() / "lenet");
  MBM_REQUIRE_DATA(test::data_folder() / "mnist");
  expect_failure(lenet("--arithmetic integer --layers C1,F6"), 2, "C3");
  expect_failure(lenet("--multiplier mbm+gain"), 2, "corrections");
}

}  // namespace
}  // namespace mbm
