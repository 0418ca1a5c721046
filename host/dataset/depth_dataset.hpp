// Sets of pictures with measured depth, as a depth network is evaluated on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace mbm {

// The part of a depth map that counts, in rows and columns, each end included.
struct CropWindow {
  std::int64_t top = 0;
  std::int64_t bottom = 0;
  std::int64_t left = 0;
  std::int64_t right = 0;

  friend bool operator==(const CropWindow&, const CropWindow&) = default;
};

// Eigen's crop of NYU Depth v2, rows 20..459 and columns 24..615, for maps of 480 x 640 (Eigen et
// al., NIPS 2014, as in eigen_test_crop.npy of DenseDepth); other sizes count in full.
CropWindow evaluation_crop(std::int64_t height, std::int64_t width);

struct DepthSample {
  at::Tensor rgb;    // uint8, 3 x height x width
  at::Tensor depth;  // float32 metres, height x width; 0 where nothing was measured
};

// Pictures by index from 0. An object must not be used from several threads at once.
class DepthDataset {
 public:
  virtual ~DepthDataset() = default;

  virtual std::size_t size() const = 0;

  // Short name for tables and output files, for example "00042".
  virtual std::string image_name(std::size_t index) const = 0;

  // The depth map may have another size than the picture. Throws Error(input) that names the file
  // if it is unreadable, or if its depth map is zero everywhere. In order is fastest.
  virtual DepthSample load(std::size_t index) = 0;

  // The window to evaluate in depth maps of this size.
  virtual CropWindow crop(std::int64_t height, std::int64_t width) const = 0;
};

// Opens
// - a folder with `rgb/` (JPEG or PNG) and `depth/` (PNG, 16 bits grey, millimetres), paired by
// their
//   names without extension and sorted by them; a picture without a partner is an error;
// - DenseDepth's nyu_test.zip (eigen_test_rgb.npy, eigen_test_depth.npy, eigen_test_crop.npy).
// Throws Error(input) if the path is neither.
std::unique_ptr<DepthDataset> open_depth_dataset(const std::filesystem::path& path);

}  // namespace mbm
