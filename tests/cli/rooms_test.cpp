// mbm rooms as a user meets it.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/format/image.hpp"
#include "tests/support/command.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

TEST(RoomsCommand, WritesNumberedPairs) {
  const test::TemporaryFolder folder;
  const test::CommandResult result =
      test::run_mbm("rooms --count 2 --seed 9 --out " + (folder / "rooms").string());
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.output, "");
  for (const char* name : {"00000.png", "00001.png"}) {
    const RgbImage rgb = read_rgb_image(folder / "rooms" / "rgb" / name);
    const Gray16Image depth = read_depth_image(folder / "rooms" / "depth" / name);
    EXPECT_EQ(rgb.width, 320U);
    EXPECT_EQ(rgb.height, 240U);
    ASSERT_EQ(depth.values.size(), 320U * 240U);
    const auto [nearest, farthest] = std::minmax_element(depth.values.begin(), depth.values.end());
    EXPECT_GE(*nearest, 500);
    EXPECT_LE(*farthest, 10000);
  }
}

TEST(RoomsCommand, SeedsFollowEachOther) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(test::run_mbm("rooms --count 2 --seed 9 --out " + (folder / "a").string()).exit_code,
            0);
  ASSERT_EQ(test::run_mbm("rooms --count 1 --seed 10 --out " + (folder / "b").string()).exit_code,
            0);
  EXPECT_EQ(test::read_bytes(folder / "a" / "rgb" / "00001.png"),
            test::read_bytes(folder / "b" / "rgb" / "00000.png"));
  EXPECT_NE(test::read_bytes(folder / "a" / "rgb" / "00000.png"),
            test::read_bytes(folder / "b" / "rgb" / "00000.png"));
}

TEST(RoomsCommand, WritesNothingOver) {
  const test::TemporaryFolder folder;
  const std::string command = "rooms --count 1 --out " + folder.path().string();
  ASSERT_EQ(test::run_mbm(command).exit_code, 0);
  const test::CommandResult again = test::run_mbm(command + " --seed 5");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.error.find("already holds pictures"), std::string::npos) << again.error;
}

TEST(RoomsCommand, RefusesWhatItCannotDo) {
  EXPECT_EQ(test::run_mbm("rooms --count 0 --out x").exit_code, 2);
  EXPECT_EQ(test::run_mbm("rooms --count 1").exit_code, 2);
  EXPECT_EQ(test::run_mbm("rooms --count 1 --out /dev/null/rooms").exit_code, 3);
}

}  // namespace
}  // namespace mbm
