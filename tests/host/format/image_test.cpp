#include "host/format/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/jpeg.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::ElementsAre;

// Its colour runs smoothly, so that JPEG loses little.
RgbImage smooth_picture(std::size_t height, std::size_t width) {
  RgbImage image{height, width, {}};
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      for (const std::size_t value : {40 + 2 * y, 200 - 2 * x, 100 + x + y}) {
        image.values.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

class Image : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& bytes) {
    test::write_bytes(folder_ / name, bytes);
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
};

const std::string kRgbRows("\0\1\2\3\4\5\6\0\7\10\11\375\376\377", 14);

TEST_F(Image, ReadsRgbPng) {
  const RgbImage image = read_rgb_image(file("a.png", test::make_png(2, 2, 8, 2, kRgbRows)));
  EXPECT_EQ(image.height, 2U);
  EXPECT_EQ(image.width, 2U);
  EXPECT_THAT(image.values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 253, 254, 255));
}

TEST_F(Image, OtherPngsBecomeRgb) {
  const std::string grey("\0\5\6", 3);
  EXPECT_THAT(read_rgb_image(file("grey", test::make_png(2, 1, 8, 0, grey))).values,
              ElementsAre(5, 5, 5, 6, 6, 6));
  const std::string palette_rows("\0\1\0", 3);
  EXPECT_THAT(
      read_rgb_image(file("palette", test::make_png(2, 1, 8, 3, palette_rows, "abcdef"))).values,
      ElementsAre('d', 'e', 'f', 'a', 'b', 'c'));
  const std::string alpha("\0\1\2\3\0", 5);
  EXPECT_THAT(read_rgb_image(file("alpha", test::make_png(1, 1, 8, 6, alpha))).values,
              ElementsAre(1, 2, 3));
  const std::string deep("\0\12\377\13\377\14\377", 7);
  EXPECT_THAT(read_rgb_image(file("deep", test::make_png(1, 1, 16, 2, deep))).values,
              ElementsAre(10, 11, 12));
}

TEST_F(Image, ReadsDepth) {
  const std::string rows("\0\x04\xd2\xff\xff\0\0\0\0\x01", 10);
  const Gray16Image image = read_depth_image(file("d.png", test::make_png(2, 2, 16, 0, rows)));
  EXPECT_THAT(image.values, ElementsAre(1234, 65535, 0, 1));
}

TEST_F(Image, OneChangedValueIsSeen) {
  RgbImage image{2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 253, 254, 255}};
  image.values[5] ^= 1;
  write_rgb_png(folder_ / "a.png", image);
  EXPECT_NE(read_rgb_image(folder_ / "a.png").values,
            read_rgb_image(file("b.png", test::make_png(2, 2, 8, 2, kRgbRows))).values);
}

TEST_F(Image, WritesWhatItReads) {
  const RgbImage picture = smooth_picture(5, 7);
  write_rgb_png(folder_ / "new/folder/a.png", picture);
  EXPECT_EQ(read_rgb_image(folder_ / "new/folder/a.png").values, picture.values);
  const Gray16Image depth{2, 3, {0, 1, 256, 1000, 10000, 65535}};
  write_gray16_png(folder_ / "d.png", depth);
  EXPECT_EQ(read_depth_image(folder_ / "d.png").values, depth.values);
}

TEST_F(Image, ReadsJpegByContent) {
  const RgbImage picture = smooth_picture(32, 48);
  const RgbImage image = read_rgb_image(file("a.png", test::make_jpeg(picture)));
  ASSERT_EQ(image.height, 32U);
  ASSERT_EQ(image.width, 48U);
  double sum = 0;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    sum += std::abs(int{image.values[i]} - int{picture.values[i]});
  }
  EXPECT_LT(sum / static_cast<double>(image.values.size()), 2.0);
}

TEST_F(Image, EveryTruncatedJpegIsAnError) {
  const std::string whole = test::make_jpeg(smooth_picture(32, 48));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto path = file("cut.jpg", whole.substr(0, length));
    EXPECT_THROW(read_rgb_image(path), Error) << length << " of " << whole.size() << " bytes";
  }
}

TEST_F(Image, EveryTruncatedPngIsAnError) {
  const std::string whole = test::make_png(2, 2, 8, 2, kRgbRows);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto path = file("cut.png", whole.substr(0, length));
    EXPECT_THROW(read_rgb_image(path), Error) << length << " of " << whole.size() << " bytes";
  }
}

TEST_F(Image, ErrorsNameFileAndReason) {
  test::expect_input_error({"text.jpg", "neither a PNG nor a JPEG (5 bytes)"},
                           [&] { read_rgb_image(file("text.jpg", "hello")); });
  std::string damaged = test::make_png(2, 2, 8, 2, kRgbRows);
  damaged[19] ^= 1;  // the width
  test::expect_input_error({"crc.png", "not a readable PNG", "CRC error"},
                           [&] { read_rgb_image(file("crc.png", damaged)); });
  const std::string jpeg = test::make_jpeg(smooth_picture(32, 48));
  test::expect_input_error({"cut.jpg", "not a readable JPEG", "Premature end"}, [&] {
    read_rgb_image(file("cut.jpg", jpeg.substr(0, jpeg.size() - 40)));
  });
  test::expect_input_error({"d.png", "8 bits RGB", "16 bits grey"}, [&] {
    read_depth_image(file("d.png", test::make_png(2, 2, 8, 2, kRgbRows)));
  });
  test::expect_input_error({"d.jpg", "a JPEG"}, [&] { read_depth_image(file("d.jpg", jpeg)); });
  test::expect_input_error({"cannot open", "No such file"},
                           [&] { read_rgb_image(folder_ / "none.png"); });
}

TEST_F(Image, HugeSizesAreRefusedBeforeTheyAreAllocated) {
  test::expect_input_error({"32000 x 32000 pixels"}, [&] {
    read_rgb_image(file("a.png", test::make_png(32000, 32000, 8, 2, kRgbRows)));
  });
  test::expect_input_error({"not a readable PNG"}, [&] {
    read_rgb_image(file("a.png", test::make_png(1000000, 1, 8, 2, kRgbRows)));
  });
}

}  // namespace
}  // namespace mbm
