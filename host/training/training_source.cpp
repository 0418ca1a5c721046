#include "host/training/training_source.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/dataset/depth_tensor.hpp"
#include "host/rooms/scene_generator.hpp"

namespace mbm {
namespace {

constexpr float kMetresPerMillimetre = 0.001F;

// Means over blocks of `factor` x `factor`; a block with an unmeasured (zero) depth becomes zero.
at::Tensor reduce_depth(const at::Tensor& depth, std::int64_t factor) {
  const at::Tensor map = depth.unsqueeze(0).unsqueeze(0);
  const at::Tensor measured = at::avg_pool2d(map.gt(0).to(at::kFloat), factor).ge(1);
  return (at::avg_pool2d(map, factor) * measured.to(at::kFloat)).squeeze(0).squeeze(0);
}

// Keeps what it has made once.
class CachedSource : public TrainingSource {
 public:
  CachedSource(std::size_t count, std::string description)
      : samples_(count), description_(std::move(description)) {}

  std::size_t size() const override { return samples_.size(); }
  const std::string& description() const override { return description_; }

  const TrainingSample& sample(std::size_t index) override {
    TrainingSample& kept = samples_.at(index);
    if (!kept.rgb.defined()) kept = make(index);
    return kept;
  }

 protected:
  virtual TrainingSample make(std::size_t index) = 0;

 private:
  std::vector<TrainingSample> samples_;
  std::string description_;
};

class RoomsSource final : public CachedSource {
 public:
  RoomsSource(std::size_t count, std::uint64_t first_seed)
      : CachedSource(count, fmt::format("rooms version {}, {} from seed {}", rooms::kRoomsVersion,
                                        count, first_seed)),
        first_seed_(first_seed) {}

 protected:
  TrainingSample make(std::size_t index) override {
    const rooms::RoomImage room = rooms::render_room(first_seed_ + index);
    at::Tensor depth = at::empty({room.height, room.width});
    float* values = depth.data_ptr<float>();
    for (std::size_t pixel = 0; pixel < room.depth.size(); ++pixel) {
      values[pixel] = static_cast<float>(room.depth[pixel]) * kMetresPerMillimetre;
    }
    return {planes_of_interleaved(room.rgb, room.height, room.width), reduce_depth(depth, 2)};
  }

 private:
  std::uint64_t first_seed_;
};

class FolderSource final : public CachedSource {
 public:
  FolderSource(std::unique_ptr<DepthDataset> dataset, const std::filesystem::path& folder,
               std::int64_t height, std::int64_t width)
      : CachedSource(dataset->size(), fmt::format("folder {}", folder.string())),
        dataset_(std::move(dataset)),
        height_(height),
        width_(width) {}

 protected:
  TrainingSample make(std::size_t index) override {
    const DepthSample sample = dataset_->load(index);
    const std::int64_t factor = reduction(index, sample.rgb.sizes().slice(1), height_, width_);
    at::Tensor rgb = sample.rgb;
    if (factor > 1) {
      rgb =
          at::avg_pool2d(rgb.to(at::kFloat).unsqueeze(0), factor).squeeze(0).round().to(at::kByte);
    }
    const std::int64_t depth_factor =
        reduction(index, sample.depth.sizes(), height_ / 2, width_ / 2);
    return {rgb, reduce_depth(sample.depth, depth_factor)};
  }

 private:
  std::int64_t reduction(std::size_t index, at::IntArrayRef size, std::int64_t height,
                         std::int64_t width) const {
    const std::int64_t factor = size[0] / height;
    if (factor < 1 || size[0] != factor * height || size[1] != factor * width) {
      fail(ErrorKind::input, "{}, picture {}: {}x{} found, a multiple of {}x{} expected",
           description(), dataset_->image_name(index), size[0], size[1], height, width);
    }
    return factor;
  }

  std::unique_ptr<DepthDataset> dataset_;
  std::int64_t height_;
  std::int64_t width_;
};

}  // namespace

std::unique_ptr<TrainingSource> make_rooms_source(std::size_t count, std::uint64_t first_seed) {
  return std::make_unique<RoomsSource>(count, first_seed);
}

std::unique_ptr<TrainingSource> make_folder_source(const std::filesystem::path& folder,
                                                   std::int64_t height, std::int64_t width) {
  return std::make_unique<FolderSource>(open_depth_dataset(folder), folder, height, width);
}

}  // namespace mbm
