#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "host/dataset/depth_dataset.hpp"
#include "host/format/image.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

class DepthFolder : public testing::Test {
 protected:
  void add_picture(const std::string& name) {
    write_rgb_png(folder_ / "rgb" / name, {1, 2, {1, 2, 3, 4, 5, 6}});
  }
  void add_map(const std::string& name, const Gray16Image& map = {1, 2, {1500, 10000}}) {
    write_gray16_png(folder_ / "depth" / name, map);
  }

  test::TemporaryFolder folder_;
};

TEST_F(DepthFolder, PairsByNameAndSorts) {
  for (const char* name : {"b", "a", "c.1"}) {
    add_picture(std::string(name) + (name[0] == 'a' ? ".JPG" : ".png"));  // read by content
    add_map(std::string(name) + ".png");
  }
  test::write_bytes(folder_ / "rgb/.hidden.png", "x");
  test::write_bytes(folder_ / "rgb/README.md", "x");
  const auto dataset = open_depth_dataset(folder_.path());
  ASSERT_EQ(dataset->size(), 3U);
  EXPECT_EQ(dataset->image_name(0), "a");
  EXPECT_EQ(dataset->image_name(1), "b");
  EXPECT_EQ(dataset->image_name(2), "c.1");
}

TEST_F(DepthFolder, LoadsPlanesAndMetres) {
  add_picture("a.png");
  add_map("a.png");
  const DepthSample sample = open_depth_dataset(folder_.path())->load(0);
  EXPECT_EQ(sample.rgb.scalar_type(), at::kByte);
  EXPECT_TRUE(at::equal(sample.rgb, at::tensor({1, 4, 2, 5, 3, 6}, at::kByte).reshape({3, 1, 2})));
  EXPECT_TRUE(at::equal(sample.depth, at::tensor({1.5f, 10.0f}).reshape({1, 2})));
}

TEST_F(DepthFolder, MissingPartnersAreNamed) {
  add_picture("a.png");
  add_map("a.png");
  add_picture("b.png");
  test::expect_input_error({"rgb/b.png", "has no depth map", "depth/b.png"},
                           [&] { open_depth_dataset(folder_.path()); });
  add_map("b.png");
  add_map("c.png");
  test::expect_input_error({"depth/c.png", "has no picture"},
                           [&] { open_depth_dataset(folder_.path()); });
}

TEST_F(DepthFolder, MissingAndEmptyFoldersAreErrors) {
  test::expect_input_error({"cannot open", "none"}, [&] { open_depth_dataset(folder_ / "none"); });
  test::expect_input_error({"rgb", "No such file"}, [&] { open_depth_dataset(folder_.path()); });
  std::filesystem::create_directories(folder_ / "rgb");
  std::filesystem::create_directories(folder_ / "depth");
  test::expect_input_error({"no JPEG or PNG"}, [&] { open_depth_dataset(folder_.path()); });
}

TEST_F(DepthFolder, SameNameTwiceIsAnError) {
  add_picture("a.png");
  add_picture("a.jpg");
  add_map("a.png");
  test::expect_input_error({"a.png", "a.jpg", "same name"},
                           [&] { open_depth_dataset(folder_.path()); });
}

TEST_F(DepthFolder, DepthOfZerosIsAnErrorThatNamesTheFile) {
  add_picture("a.png");
  add_map("a.png", {1, 2, {0, 0}});
  const auto dataset = open_depth_dataset(folder_.path());
  test::expect_input_error({"depth/a.png", "zero everywhere"}, [&] { dataset->load(0); });
  add_map("a.png", {1, 2, {0, 7}});
  EXPECT_EQ(dataset->load(0).depth[0][1].item<float>(), 0.007f);
}

// depth-study.md section 3: crop = [20, 459, 24, 615], 440 x 592.
TEST_F(DepthFolder, CropIsEigensFor480x640) {
  EXPECT_EQ(evaluation_crop(480, 640), (CropWindow{20, 459, 24, 615}));
  EXPECT_EQ(evaluation_crop(240, 320), (CropWindow{0, 239, 0, 319}));
}

TEST_F(DepthFolder, ReadsNyu) {
  const auto test_set = test::data_folder() / "nyu" / "test";
  MBM_REQUIRE_DATA(test_set);
  const auto dataset = open_depth_dataset(test_set);
  ASSERT_EQ(dataset->size(), 654U);
  EXPECT_EQ(dataset->image_name(2), "00008");
  const DepthSample sample = dataset->load(653);
  EXPECT_EQ(sample.rgb.sizes(), at::IntArrayRef({3, 480, 640}));
  EXPECT_EQ(sample.depth.sizes(), at::IntArrayRef({480, 640}));
  EXPECT_LE(sample.depth.max().item<float>(), 10.0f);
  EXPECT_EQ(dataset->crop(480, 640), (CropWindow{20, 459, 24, 615}));

  const auto training_set = open_depth_dataset(test::data_folder() / "nyu" / "train");
  ASSERT_EQ(training_set->size(), 795U);
  EXPECT_EQ(training_set->load(0).depth.sizes(), at::IntArrayRef({240, 320}));
}

}  // namespace
}  // namespace mbm
