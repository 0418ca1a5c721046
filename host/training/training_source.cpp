#include "host/training/training_source.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/dataset/depth_tensor.hpp"
#include "host/rooms/scene_generator.hpp"
#include "host/training/batch.hpp"
#include "host/training/depth_loss.hpp"

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
class CachedSource : public DepthTrainingSource {
 public:
  CachedSource(std::size_t count, std::string description)
      : samples_(count), description_(std::move(description)) {}

  std::size_t size() const override { return samples_.size(); }
  const std::string& description() const override { return description_; }

  const DepthTrainingSample& sample(std::size_t index) override {
    DepthTrainingSample& kept = samples_.at(index);
    if (!kept.rgb.defined()) kept = make(index);
    return kept;
  }

 protected:
  virtual DepthTrainingSample make(std::size_t index) = 0;

 private:
  std::vector<DepthTrainingSample> samples_;
  std::string description_;
};

class RoomsSource final : public CachedSource {
 public:
  RoomsSource(std::size_t count, std::uint64_t first_seed)
      : CachedSource(count, fmt::format("rooms version {}, {} from seed {}", rooms::kRoomsVersion,
                                        count, first_seed)),
        first_seed_(first_seed) {}

 protected:
  DepthTrainingSample make(std::size_t index) override {
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
               std::int64_t height, std::int64_t width, std::size_t count)
      : CachedSource(count,
                     fmt::format("folder {}, {} of {}", folder.string(), count, dataset->size())),
        dataset_(std::move(dataset)),
        height_(height),
        width_(width) {}

 protected:
  DepthTrainingSample make(std::size_t place) override {
    const std::size_t index = place * dataset_->size() / size();
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

// How far a digit is moved at most.
constexpr int kLargestShift = 2;

class DigitsSource final : public TrainingSource {
 public:
  DigitsSource(const Network& network, Digits digits, std::string description)
      : network_(network), digits_(std::move(digits)), description_(std::move(description)) {}

  std::size_t size() const override { return static_cast<std::size_t>(digits_.labels.numel()); }
  const std::string& description() const override { return description_; }

  Batch make_batch(std::span<const std::size_t> indices, rooms::RandomStream& random) override {
    const std::int64_t height = digits_.images.size(1);
    const std::int64_t width = digits_.images.size(2);
    const auto count = static_cast<std::int64_t>(indices.size());
    at::Tensor images = at::zeros({count, 1, height, width}, at::kByte);
    at::Tensor labels = at::empty({count}, at::kLong);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto index = static_cast<std::int64_t>(indices[static_cast<std::size_t>(i)]);
      const std::int64_t down = random.below(2 * kLargestShift + 1) - kLargestShift;
      const std::int64_t right = random.below(2 * kLargestShift + 1) - kLargestShift;
      const auto part = [](const at::Tensor& image, std::int64_t y, std::int64_t x) {
        return image
            .slice(0, std::max<std::int64_t>(y, 0), image.size(0) + std::min<std::int64_t>(y, 0))
            .slice(1, std::max<std::int64_t>(x, 0), image.size(1) + std::min<std::int64_t>(x, 0));
      };
      part(images[i][0], down, right).copy_(part(digits_.images[index], -down, -right));
      labels[i] = digits_.labels[index];
    }
    return {network_.scale_input(images), labels};
  }

  at::Tensor loss(const at::Tensor& predictions, const at::Tensor& targets) const override {
    return at::cross_entropy_loss(predictions.flatten(1), targets);
  }

 private:
  const Network& network_;
  Digits digits_;
  std::string description_;
};

}  // namespace

Batch DepthTrainingSource::make_batch(std::span<const std::size_t> indices,
                                      rooms::RandomStream& random) {
  return make_augmented_batch(*this, indices, random);
}

at::Tensor DepthTrainingSource::loss(const at::Tensor& predictions,
                                     const at::Tensor& targets) const {
  return depth_loss(predictions, targets);
}

std::unique_ptr<TrainingSource> make_digits_source(const Network& network, Digits digits,
                                                   std::string description) {
  const at::Tensor& images = digits.images;
  if (network.prediction() != Prediction::class_scores || network.input_channels() != 1 ||
      images.size(1) != network.input_height() || images.size(2) != network.input_width()) {
    fail(ErrorKind::usage, "network {}: digits of {}x{} found, {} of {}x{} expected",
         network.name(), images.size(1), images.size(2),
         network.prediction() == Prediction::class_scores ? "digits" : "pictures with depth",
         network.input_height(), network.input_width());
  }
  return std::make_unique<DigitsSource>(network, std::move(digits), std::move(description));
}

std::unique_ptr<DepthTrainingSource> make_rooms_source(std::size_t count,
                                                       std::uint64_t first_seed) {
  return std::make_unique<RoomsSource>(count, first_seed);
}

std::unique_ptr<DepthTrainingSource> make_folder_source(const std::filesystem::path& folder,
                                                        std::int64_t height, std::int64_t width,
                                                        std::size_t count) {
  auto dataset = open_depth_dataset(folder);
  const std::size_t all = dataset->size();
  if (count > all) {
    fail(ErrorKind::usage, "{} pictures asked for, {} has {}", count, folder.string(), all);
  }
  return std::make_unique<FolderSource>(std::move(dataset), folder, height, width,
                                        count == 0 ? all : count);
}

}  // namespace mbm
