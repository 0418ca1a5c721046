#include "host/dataset/digits.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using namespace std::string_literals;

// Two images of 1 x 3 and their labels, after the format's description.
const std::string kImages = "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\3\1\2\3\4\5\xff"s;
const std::string kLabels = "\0\0\x08\x01\0\0\0\2\7\0"s;

void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

class DigitsFolder : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path images_ = folder_ / "t10k-images-idx3-ubyte";
  std::filesystem::path labels_ = folder_ / "t10k-labels-idx1-ubyte";

  void expect_refused(const std::string& images, const std::string& labels,
                      std::initializer_list<std::string> parts) {
    test::write_bytes(images_, images);
    test::write_bytes(labels_, labels);
    test::expect_input_error(parts, [&] { read_digits(folder_.path(), DigitsPart::test); });
  }
};

TEST_F(DigitsFolder, ReadsPlainAndGzipped) {
  test::write_bytes(images_, kImages);
  write_gzip(labels_.string() + ".gz", kLabels);
  const Digits digits = read_digits(folder_.path(), DigitsPart::test);
  EXPECT_TRUE(
      at::equal(digits.images, at::tensor({1, 2, 3, 4, 5, 255}, at::kByte).reshape({2, 1, 3})));
  EXPECT_TRUE(at::equal(digits.labels, at::tensor({7, 0}, at::kLong)));
}

TEST_F(DigitsFolder, DefectsAreNamed) {
  test::expect_input_error({"cannot open", "train-images-idx3-ubyte"},
                           [&] { read_digits(folder_.path(), DigitsPart::training); });
  expect_refused(kImages.substr(0, 21), kLabels, {"images", "ends inside the data", "5", "6"});
  expect_refused(kImages + "x", kLabels, {"more data than the 6 bytes"});
  expect_refused(kLabels, kLabels, {"0x00000801", "0x00000803"});
  expect_refused(kImages, "\0\0\x08\x01\0\0\0\1\7"s, {"labels-idx1", "1 labels for the 2 images"});
  expect_refused(kImages, "\0\0\x08\x01\0\0\0\2\7\x0a"s, {"label 10 of image 1"});
  expect_refused("", kLabels, {"ends inside the header"});
  expect_refused("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, kLabels,
                 {"too large"});
}

TEST_F(DigitsFolder, TruncatedGzipIsAnError) {
  write_gzip(folder_ / "whole.gz", kImages);
  const std::string bytes = test::read_bytes(folder_ / "whole.gz");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    test::write_bytes(folder_ / "cut.gz", bytes.substr(0, length));
    EXPECT_THROW(read_idx(folder_ / "cut.gz", 3), Error) << length;
  }
}

// http://yann.lecun.com/exdb/mnist/: 60,000 and 10,000 images of 28 x 28; the first training labels
// are 5 0 4 1 9, the first test labels 7 2 1 0 4.
TEST_F(DigitsFolder, ReadsMnist) {
  const auto mnist = test::data_folder() / "mnist";
  MBM_REQUIRE_DATA(mnist);
  const Digits training = read_digits(mnist, DigitsPart::training);
  EXPECT_EQ(training.images.sizes(), at::IntArrayRef({60000, 28, 28}));
  EXPECT_TRUE(at::equal(training.labels.slice(0, 0, 5), at::tensor({5, 0, 4, 1, 9}, at::kLong)));
  const Digits test = read_digits(mnist, DigitsPart::test);
  EXPECT_EQ(test.images.sizes(), at::IntArrayRef({10000, 28, 28}));
  EXPECT_TRUE(at::equal(test.labels.slice(0, 0, 5), at::tensor({7, 2, 1, 0, 4}, at::kLong)));
  // The normalisation that LeNet-5 is commonly trained with: mean 0.1307 of the training images.
  EXPECT_NEAR(training.images.to(at::kDouble).mean().item<double>() / 255, 0.1307, 5e-5);
}

}  // namespace
}  // namespace mbm
