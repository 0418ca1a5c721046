#include "host/dataset/fastdepth_view.hpp"

#include <ATen/ATen.h>

#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kHeight = 480;
constexpr std::int64_t kWidth = 640;
constexpr std::int64_t kResizedHeight = 250;
constexpr std::int64_t kResizedWidth = 333;  // 640 * 250 / 480, cut off
constexpr std::int64_t kCropHeight = 228;
constexpr std::int64_t kCropWidth = 304;
constexpr std::int64_t kCropTop = 11;
constexpr std::int64_t kCropLeft = 14;  // 14.5, to even
constexpr std::int64_t kSize = 224;

// Source indices of the nearest pixels' centres.
std::vector<std::int64_t> nearest_indices(std::int64_t in, std::int64_t out) {
  std::vector<std::int64_t> indices;
  for (std::int64_t o = 0; o < out; ++o) indices.push_back((2 * o + 1) * in / (2 * out));
  return indices;
}

// The three steps on a depth map, whose values are kept: rows (or columns) that they pick.
at::Tensor picked(std::int64_t in, std::int64_t resized, std::int64_t first, std::int64_t cropped) {
  const std::vector<std::int64_t> to_resized = nearest_indices(in, resized);
  std::vector<std::int64_t> indices;
  for (const std::int64_t index : nearest_indices(cropped, kSize)) {
    indices.push_back(to_resized[static_cast<std::size_t>(first + index)]);
  }
  return at::tensor(indices, at::kLong);
}

at::Tensor pick_depth(const at::Tensor& depth) {
  return depth.index_select(0, picked(kHeight, kResizedHeight, kCropTop, kCropHeight))
      .index_select(1, picked(kWidth, kResizedWidth, kCropLeft, kCropWidth))
      .contiguous();
}

// A triangle filter as wide as the pixels it unites, to bytes again, as image libraries do.
at::Tensor resize_bytes(const at::Tensor& images, std::int64_t height, std::int64_t width) {
  return at::round(at::_upsample_bilinear2d_aa(images, {height, width}, /*align_corners=*/false))
      .clamp(0, 255);
}

at::Tensor resize_picture(const at::Tensor& rgb) {
  const at::Tensor resized =
      resize_bytes(rgb.unsqueeze(0).to(at::kFloat), kResizedHeight, kResizedWidth)
          .slice(2, kCropTop, kCropTop + kCropHeight)
          .slice(3, kCropLeft, kCropLeft + kCropWidth)
          .contiguous();
  return resize_bytes(resized, kSize, kSize).squeeze(0).to(at::kByte);
}

class FastDepthView final : public DepthDataset {
 public:
  explicit FastDepthView(std::unique_ptr<DepthDataset> dataset) : dataset_(std::move(dataset)) {}

  std::size_t size() const override { return dataset_->size(); }
  std::string image_name(std::size_t index) const override { return dataset_->image_name(index); }

  DepthSample load(std::size_t index) override {
    const DepthSample sample = dataset_->load(index);
    for (const at::Tensor& map : {sample.rgb, sample.depth}) {
      if (map.size(-2) == kHeight && map.size(-1) == kWidth) continue;
      fail(ErrorKind::input, "image {}: {}x{} pixels found, {}x{} expected by FastDepth's view",
           image_name(index), map.size(-2), map.size(-1), kHeight, kWidth);
    }
    return {resize_picture(sample.rgb), pick_depth(sample.depth)};
  }

  CropWindow crop(std::int64_t height, std::int64_t width) const override {
    return {0, height - 1, 0, width - 1};
  }

 private:
  std::unique_ptr<DepthDataset> dataset_;
};

}  // namespace

std::unique_ptr<DepthDataset> make_fastdepth_view(std::unique_ptr<DepthDataset> dataset) {
  return std::make_unique<FastDepthView>(std::move(dataset));
}

}  // namespace mbm
