// The embedded images and weights are what data/default/README.md says.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/dataset/digits.hpp"
#include "host/format/safetensors.hpp"
#include "tests/support/command.hpp"
#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

const std::filesystem::path kData = test::source_folder() / "data" / "default";

TEST(DefaultData, ImagesAreThoseOfTheirSeeds) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "rooms").string();
  ASSERT_EQ(test::run_mbm("rooms --count 2 --seed 2000000 --out " + out).exit_code, 0);
  for (const char* name :
       {"rgb/00000.png", "depth/00000.png", "rgb/00001.png", "depth/00001.png"}) {
    EXPECT_EQ(test::read_bytes(kData / "rooms" / name), test::read_bytes(folder / "rooms" / name))
        << name;
  }
  EXPECT_NE(test::read_bytes(kData / "rooms/rgb/00000.png"),
            test::read_bytes(folder / "rooms/rgb/00001.png"));
}

TEST(DefaultData, DigitsAreThoseOfTheirSeeds) {
  const Digits embedded = read_digits(kData / "digits", DigitsPart::test);
  ASSERT_EQ(embedded.labels.numel(), 1000);
  const Digits drawn = drawn_digits(50, 2000000);
  EXPECT_TRUE(at::equal(embedded.images.slice(0, 0, 50), drawn.images));
  EXPECT_TRUE(at::equal(embedded.labels.slice(0, 0, 50), drawn.labels));
  EXPECT_FALSE(at::equal(embedded.images.slice(0, 1, 51), drawn.images));
  const auto metadata = read_safetensors_metadata(kData / "lenet5.safetensors");
  EXPECT_EQ(metadata.at("network"), "lenet5");
  EXPECT_EQ(metadata.at("pictures"), "drawn digits version 1, 20000 from seed 1");
}

TEST(DefaultData, WeightsSayHowTheyWereMade) {
  const auto metadata = read_safetensors_metadata(kData / "weights.safetensors");
  EXPECT_EQ(metadata.at("network"), "densedepth-mobilenetv2-small");
  EXPECT_EQ(metadata.at("pictures"), "rooms version 1, 3200 from seed 1");
  EXPECT_TRUE(metadata.at("command").starts_with("mbm train --network")) << metadata.at("command");
}

TEST(DefaultData, FitsItsBudget) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kData)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  EXPECT_LT(bytes, 8'000'000U);
}

// The figure is that of the README. It also tells a damaged weights file from a sound one.
TEST(DefaultData, NetworkPredictsRoomsItHasNotSeen) {
  const test::CommandResult result = test::run_mbm("run --layers conv3 --format json");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const nlohmann::json document = nlohmann::json::parse(result.output);
  ASSERT_EQ(document.at("images").size(), 64U);
  const double accuracy = document.at("float").at("mean").at("a1").get<double>();
  EXPECT_NEAR(accuracy, 0.8244, 0.002);
}

}  // namespace
}  // namespace mbm
