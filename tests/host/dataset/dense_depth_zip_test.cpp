#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "host/dataset/depth_dataset.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/npy.hpp"
#include "host/format/zip_archive.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kImages = 3;
constexpr std::int64_t kHeight = 480;
constexpr std::int64_t kWidth = 640;

using Members = std::map<std::string, std::vector<std::uint8_t>>;

// Every value tells its place, so that a wrong item or channel is seen.
at::Tensor make_rgb() {
  return at::arange(kImages * kHeight * kWidth * 3)
      .remainder(251)
      .to(at::kByte)
      .reshape({kImages, kHeight, kWidth, 3});
}

at::Tensor make_depth(at::ScalarType type) {
  return (at::arange(kImages * kHeight * kWidth).remainder(1009).to(type) / 128 + 0.5)
      .reshape({kImages, kHeight, kWidth});
}

std::vector<std::uint8_t> npy(const at::Tensor& tensor) {
  return encode_npy(to_npy_array(tensor));
}

Members make_members() {
  return {{"eigen_test_rgb.npy", npy(make_rgb())},
          {"eigen_test_depth.npy", npy(make_depth(at::kFloat))},
          {"eigen_test_crop.npy", npy(at::tensor({20, 459, 24, 615}, at::kLong))}};
}

class DenseDepthZip : public testing::Test {
 protected:
  std::unique_ptr<DepthDataset> open(const Members& members,
                                     ZipCompression compression = ZipCompression::deflated) {
    write_file(path_, make_zip(members, compression));
    return open_depth_dataset(path_);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "nyu_test.zip";
};

void expect_item(DepthDataset& dataset, std::int64_t index, const at::Tensor& depth) {
  const DepthSample sample = dataset.load(static_cast<std::size_t>(index));
  EXPECT_TRUE(at::equal(sample.rgb, make_rgb()[index].permute({2, 0, 1}))) << index;
  EXPECT_TRUE(at::equal(sample.depth, depth[index].to(at::kFloat))) << index;
}

TEST_F(DenseDepthZip, ReadsForwardBackwardAndTwice) {
  const at::Tensor depth = make_depth(at::kFloat);
  for (const auto compression : {ZipCompression::deflated, ZipCompression::stored}) {
    const auto dataset = open(make_members(), compression);
    ASSERT_EQ(dataset->size(), 3U);
    EXPECT_EQ(dataset->image_name(2), "00002");
    EXPECT_EQ(dataset->crop(480, 640), (CropWindow{20, 459, 24, 615}));
    for (const std::int64_t index : {0, 1, 2, 0, 2, 1, 1}) expect_item(*dataset, index, depth);
  }
}

TEST_F(DenseDepthZip, ReadsDoublesAndMembersInFolders) {
  Members members;
  for (auto& [name, bytes] : make_members()) members["data/" + name] = bytes;
  members["data/eigen_test_depth.npy"] = npy(make_depth(at::kDouble));
  members["data/eigen_test_crop.npy"] = npy(at::tensor({0, 9, 1, 8}, at::kLong));
  const auto dataset = open(members);
  EXPECT_EQ(dataset->crop(480, 640), (CropWindow{0, 9, 1, 8}));
  expect_item(*dataset, 1, make_depth(at::kDouble));
}

TEST_F(DenseDepthZip, DefectsAreNamed) {
  Members members = make_members();
  members["eigen_test_depth.npy"] = npy(make_depth(at::kFloat).slice(0, 0, 2));
  test::expect_input_error({"nyu_test.zip", "2 depth maps for 3 pictures"}, [&] { open(members); });
  members["eigen_test_depth.npy"] = npy(at::ones({3, 2}));
  test::expect_input_error({"eigen_test_depth.npy", "[3, 2]"}, [&] { open(members); });
  members.erase("eigen_test_depth.npy");
  test::expect_input_error({"no member eigen_test_depth.npy"}, [&] { open(members); });
  members = make_members();
  members["eigen_test_rgb.npy"] = npy(at::ones({3, 4, 4, 3}));
  test::expect_input_error({"eigen_test_rgb.npy", "float32", "uint8"}, [&] { open(members); });
  members = make_members();
  members["eigen_test_crop.npy"] = npy(at::tensor({20, 480, 24, 615}, at::kLong));
  test::expect_input_error({"eigen_test_crop.npy", "480 x 640"}, [&] { open(members); });
  test::write_bytes(path_, "hello");
  test::expect_input_error({"nyu_test.zip", "neither a folder with rgb/ and depth/ nor"},
                           [&] { open_depth_dataset(path_); });
}

TEST_F(DenseDepthZip, DepthOfZerosIsNamed) {
  Members members = make_members();
  at::Tensor depth = make_depth(at::kFloat);
  depth[1].zero_();
  members["eigen_test_depth.npy"] = npy(depth);
  const auto dataset = open(members);
  test::expect_input_error({"eigen_test_depth.npy, image 1", "zero everywhere"},
                           [&] { dataset->load(1); });
  expect_item(*dataset, 2, depth);
  depth[0][3][4] = -1;
  members["eigen_test_depth.npy"] = npy(depth);
  const auto negative = open(members);
  test::expect_input_error({"image 0", "-1", "y 3, x 4"}, [&] { negative->load(0); });
}

TEST_F(DenseDepthZip, OneChangedByteIsSeen) {
  std::vector<std::uint8_t> bytes = make_zip(make_members(), ZipCompression::stored);
  bytes[bytes.size() / 2] ^= 1;
  write_file(path_, bytes);
  const auto dataset = open_depth_dataset(path_);
  dataset->load(0);
  test::expect_input_error({"nyu_test.zip", "CRC"}, [&] { dataset->load(2); });
}

}  // namespace
}  // namespace mbm
