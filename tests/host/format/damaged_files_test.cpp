// Every reader on valid files that are cut at every byte, and with bytes changed at random: the
// result is a value or an Error of kind `input` of one line that names the file, and never anything
// else.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <functional>
#include <random>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/dataset/digits.hpp"
#include "host/format/image.hpp"
#include "host/format/npy.hpp"
#include "host/format/npz.hpp"
#include "host/format/safetensors.hpp"
#include "host/format/torch_checkpoint.hpp"
#include "host/format/weights.hpp"
#include "host/format/zip_archive.hpp"
#include "tests/support/files.hpp"
#include "tests/support/jpeg.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using namespace std::string_literals;
using Path = std::filesystem::path;

struct Format {
  std::string name;
  std::function<void(const Path&)> write;  // makes a small valid file
  std::function<void(const Path&)> read;
};

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

NamedTensors small_tensors() {
  return {{"a.weight", at::arange(6, at::kFloat).reshape({1, 2, 3})},
          {"b", at::tensor({1.5f}).to(at::kHalf)}};
}

Path fixture(const std::string& name) {
  return test::source_folder() / "tests/host/format/data" / name;
}

void write_depth_zip(const Path& path, ZipCompression compression) {
  const auto npy = [](const at::Tensor& tensor) { return encode_npy(to_npy_array(tensor)); };
  test::write_bytes(
      path, text_of(make_zip({{"eigen_test_rgb.npy", npy(at::ones({2, 2, 3, 3}, at::kByte))},
                              {"eigen_test_depth.npy", npy(at::ones({2, 2, 3}))},
                              {"eigen_test_crop.npy", npy(at::tensor({0, 1, 0, 2}, at::kLong))}},
                             compression)));
}

void read_all(DepthDataset& dataset) {
  for (std::size_t i = 0; i < dataset.size(); ++i) dataset.load(i);
}

RgbImage gradient(std::size_t height, std::size_t width) {
  RgbImage image{height, width, std::vector<std::uint8_t>(height * width * 3)};
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    image.values[i] = static_cast<std::uint8_t>(i * 5);
  }
  return image;
}

void write_gzip(const Path& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

const std::string kIdx = "\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\3\1\2\3\4\5\xff"s;

std::vector<Format> picture_formats() {
  const auto read_rgb = [](const Path& path) { read_rgb_image(path); };
  return {
      {"RgbPng", [](const Path& path) { write_rgb_png(path, gradient(5, 7)); }, read_rgb},
      {"PalettePng",
       [](const Path& path) {
         test::write_bytes(path, test::make_png(2, 1, 8, 3, "\0\1\0"s, "abcdef"));
       },
       read_rgb},
      {"DepthPng",
       [](const Path& path) {
         write_gray16_png(path, {2, 3, {1, 2, 3, 4, 5, 60000}});
       },
       [](const Path& path) { read_depth_image(path); }},
      {"Jpeg", [](const Path& path) { test::write_bytes(path, test::make_jpeg(gradient(16, 24))); },
       read_rgb},
  };
}

std::vector<Format> tensor_formats() {
  const auto weights = [](const Path& path) { read_weights(path); };
  const auto copy_of = [](const char* name) {
    return [name](const Path& path) { test::write_bytes(path, test::read_bytes(fixture(name))); };
  };
  return {
      {"Safetensors", [](const Path& path) { write_safetensors(path, small_tensors()); }, weights},
      {"Npy",
       [](const Path& path) {
         write_npy(path, at::arange(6).reshape({2, 3}));
       },
       [](const Path& path) { to_tensor(read_npy(path), path.string()); }},
      {"FortranNpy",
       [](const Path& path) {
         const std::string header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
         test::write_bytes(path, "\x93NUMPY\2\0"s + static_cast<char>(header.size()) + "\0\0\0"s +
                                     header + "123456789012");
       },
       [](const Path& path) { to_tensor(read_npy(path), path.string()); }},
      {"Npz", [](const Path& path) { write_npz(path, small_tensors()); }, weights},
      {"StateDict", copy_of("state_dict.pt"), weights},
      {"StateDictBeforePyTorch16", copy_of("state_dict_before_1.6.pt"), weights},
      {"LegacyReaderAlone", copy_of("state_dict_before_1.6.pt"),
       [](const Path& path) { read_torch_checkpoint(path); }},
  };
}

std::vector<Format> data_formats() {
  const auto read_zip = [](const Path& path) { read_all(*open_depth_dataset(path)); };
  const auto idx = [](const Path& path) { read_idx(path, 3); };
  return {
      {"DeflatedDepthZip",
       [](const Path& path) { write_depth_zip(path, ZipCompression::deflated); }, read_zip},
      {"StoredDepthZip", [](const Path& path) { write_depth_zip(path, ZipCompression::stored); },
       read_zip},
      {"Idx", [](const Path& path) { test::write_bytes(path, kIdx); }, idx},
      {"GzippedIdx", [](const Path& path) { write_gzip(path, kIdx); }, idx},
  };
}

std::vector<Format> all_formats() {
  std::vector<Format> formats = picture_formats();
  for (const auto& more : {tensor_formats(), data_formats()}) {
    formats.insert(formats.end(), more.begin(), more.end());
  }
  return formats;
}

// Another seed for every run, unless $MBM_SEED asks for one that failed.
unsigned choose_seed() {
  if (const char* seed = std::getenv("MBM_SEED")) return static_cast<unsigned>(std::atoi(seed));
  return std::random_device()();
}

class DamagedFile : public testing::TestWithParam<Format> {
 protected:
  DamagedFile() {
    GetParam().write(path_);
    whole_ = test::read_bytes(path_);
  }

  // True if the file was read, false if it was refused as it should.
  bool read(const std::string& bytes) {
    test::write_bytes(path_, bytes);
    try {
      GetParam().read(path_);
      return true;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::input) << message;
      EXPECT_NE(message.find(path_.filename()), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "not an error for the user: " << error.what();
    }
    return false;
  }

  test::TemporaryFolder folder_;
  Path path_ = folder_ / "damaged.bin";
  std::string whole_;
};

TEST_P(DamagedFile, WholeFileIsRead) {
  EXPECT_TRUE(read(whole_));
}

TEST_P(DamagedFile, EveryCutIsRefused) {
  for (std::size_t length = 0; length < whole_.size(); ++length) {
    EXPECT_FALSE(read(whole_.substr(0, length))) << length << " of " << whole_.size() << " bytes";
  }
}

TEST_P(DamagedFile, ChangedBytesAreRefusedOrRead) {
  const unsigned seed = choose_seed();
  SCOPED_TRACE("repeat with MBM_SEED=" + std::to_string(seed));
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  constexpr int kFiles = 500;
  int refused = 0;
  for (int file = 0; file < kFiles && !HasFailure(); ++file) {
    std::string bytes = whole_;
    const std::size_t changes = 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) {
      bytes[below(bytes.size())] = static_cast<char>(below(256));
    }
    refused += read(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, DamagedFile, testing::ValuesIn(all_formats()),
                         [](const auto& format) { return format.param.name; });

}  // namespace
}  // namespace mbm
