#include "host/training/training_source.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>

#include "host/format/image.hpp"
#include "host/rooms/scene_generator.hpp"
#include "host/training/batch.hpp"
#include "tests/host/training/fixtures.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

TEST(RoomsSource, HoldsTheRoomsOfItsSeeds) {
  const auto source = make_rooms_source(3, 40);
  ASSERT_EQ(source->size(), 3U);
  const rooms::RoomImage room = rooms::render_room(42);
  const DepthTrainingSample& sample = source->sample(2);
  EXPECT_EQ(sample.rgb.sizes(), (std::vector<std::int64_t>{3, 240, 320}));
  EXPECT_EQ(sample.depth.sizes(), (std::vector<std::int64_t>{120, 160}));
  EXPECT_EQ(sample.rgb[1][100][200].item<int>(), room.rgb[(100 * 320 + 200) * 3 + 1]);
  const double mean = (room.depth[60 * 320 + 80] + room.depth[60 * 320 + 81] +
                       room.depth[61 * 320 + 80] + room.depth[61 * 320 + 81]) *
                      0.00025;
  EXPECT_NEAR(sample.depth[30][40].item<double>(), mean, 1e-5);
}

void write_picture(const std::filesystem::path& folder, std::size_t height, std::size_t width,
                   std::uint16_t hole) {
  RgbImage rgb{height, width, std::vector<std::uint8_t>(height * width * 3, 100)};
  Gray16Image depth{height, width, std::vector<std::uint16_t>(height * width, 2000)};
  depth.values[0] = hole;
  write_rgb_png(folder / "rgb" / "1.png", rgb);
  write_gray16_png(folder / "depth" / "1.png", depth);
}

TEST(FolderSource, ReducesPicturesAndKeepsHoles) {
  const test::TemporaryFolder folder;
  write_picture(folder.path(), 16, 24, 0);
  const auto source = make_folder_source(folder.path(), 8, 12);
  const DepthTrainingSample& sample = source->sample(0);
  EXPECT_EQ(sample.rgb.sizes(), (std::vector<std::int64_t>{3, 8, 12}));
  EXPECT_EQ(sample.depth.sizes(), (std::vector<std::int64_t>{4, 6}));
  EXPECT_EQ(sample.rgb.min().item<int>(), 100);
  EXPECT_EQ(sample.depth[0][0].item<float>(), 0);  // one of its sixteen pixels was not measured
  EXPECT_NEAR(sample.depth[0][1].item<float>(), 2, 1e-6);
}

TEST(FolderSource, RefusesOtherSizes) {
  const test::TemporaryFolder folder;
  write_picture(folder.path(), 16, 20, 2000);
  const auto source = make_folder_source(folder.path(), 8, 12);
  test::expect_input_error({folder.path().string(), "16x20", "8x12"}, [&] { source->sample(0); });
}

TEST(Batch, MirrorsPictureAndDepthTogether) {
  test::BrightnessSource source(1);
  DepthTrainingSample& sample = source.samples()[0];
  sample.rgb.zero_();
  sample.rgb.narrow(2, 0, 24).fill_(200);  // bright on the left,
  sample.depth.fill_(4);
  sample.depth.narrow(1, 0, 12).fill_(2);  // and near
  rooms::RandomStream random(3);
  int mirrored = 0;
  for (int draw = 0; draw < 40; ++draw) {
    const Batch batch = make_augmented_batch(source, std::array<std::size_t, 1>{0}, random);
    const bool left_bright =
        batch.images[0][1][5][2].item<float>() > batch.images[0][1][5][40].item<float>();
    const bool left_near =
        batch.targets[0][0][5][2].item<float>() < batch.targets[0][0][5][20].item<float>();
    ASSERT_EQ(left_bright, left_near);
    EXPECT_GE(batch.images.min().item<float>(), 0);
    EXPECT_LE(batch.images.max().item<float>(), 1);
    mirrored += left_bright ? 0 : 1;
  }
  EXPECT_GT(mirrored, 8);
  EXPECT_LT(mirrored, 32);
}

TEST(Batch, PlainPicturesAreUnchanged) {
  test::BrightnessSource source(3);
  const Batch batch = make_batch(source, std::array<std::size_t, 2>{2, 0});
  EXPECT_TRUE(at::equal(batch.images[0], source.samples()[2].rgb.to(at::kFloat).div(255)));
  EXPECT_TRUE(at::equal(batch.targets[1][0], source.samples()[0].depth));
}

}  // namespace
}  // namespace mbm
