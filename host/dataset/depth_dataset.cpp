#include "host/dataset/depth_dataset.hpp"

#include <ATen/ATen.h>

#include <array>
#include <system_error>

#include "cmodel/common/error.hpp"
#include "host/dataset/dense_depth_zip.hpp"
#include "host/dataset/depth_folder.hpp"
#include "host/format/input_file.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kNyuHeight = 480;
constexpr std::int64_t kNyuWidth = 640;
constexpr CropWindow kEigenCrop = {20, 459, 24, 615};

}  // namespace

CropWindow evaluation_crop(std::int64_t height, std::int64_t width) {
  if (height == kNyuHeight && width == kNyuWidth) return kEigenCrop;
  return {0, height - 1, 0, width - 1};
}

std::unique_ptr<DepthDataset> open_depth_dataset(const std::filesystem::path& path) {
  if (std::error_code error; !std::filesystem::exists(path, error)) {
    fail(ErrorKind::input, "cannot open {}: no such file or folder", path.string());
  }
  if (std::error_code error; std::filesystem::is_directory(path, error)) {
    return open_depth_folder(path);
  }
  std::array<std::uint8_t, 2> start = {};
  if (InputFile file(path); file.size() >= start.size()) file.read_at(0, start, "the file");
  if (start[0] != 'P' || start[1] != 'K') {
    fail(ErrorKind::input,
         "{}: neither a folder with rgb/ and depth/ nor a zip archive like DenseDepth's "
         "nyu_test.zip",
         path.string());
  }
  return open_dense_depth_zip(path);
}

}  // namespace mbm
