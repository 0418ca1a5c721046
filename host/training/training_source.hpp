// What a network is trained on: batches and their loss, from wherever they come.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "host/dataset/digits.hpp"
#include "host/network/network.hpp"
#include "host/rooms/random_stream.hpp"

namespace mbm {

struct Batch {
  at::Tensor images;   // float32 batch x channels x height x width, as the network reads them
  at::Tensor targets;  // what loss() compares predictions with
};

// A fixed set of pictures by index. An object must not be used from several threads at once.
class TrainingSource {
 public:
  virtual ~TrainingSource() = default;
  virtual std::size_t size() const = 0;

  // What the pictures are, in the words of the command line; it goes into checkpoints and weights.
  virtual const std::string& description() const = 0;

  // The pictures of these indices, altered at random so that a network sees none twice.
  virtual Batch make_batch(std::span<const std::size_t> indices, rooms::RandomStream& random) = 0;

  // A scalar, 0 for perfect predictions.
  virtual at::Tensor loss(const at::Tensor& predictions, const at::Tensor& targets) const = 0;
};

struct DepthTrainingSample {
  at::Tensor rgb;    // uint8, 3 x height x width
  at::Tensor depth;  // float32 metres at half that size, means of 2 x 2; 0 where any was unmeasured
};

// Pictures with depth; the targets are metres, float32 batch x 1 x height/2 x width/2.
class DepthTrainingSource : public TrainingSource {
 public:
  virtual const DepthTrainingSample& sample(std::size_t index) = 0;

  // As make_augmented_batch() and depth_loss().
  Batch make_batch(std::span<const std::size_t> indices, rooms::RandomStream& random) override;
  at::Tensor loss(const at::Tensor& predictions, const at::Tensor& targets) const override;
};

// `count` generated rooms of the seeds first_seed, first_seed + 1, ... Each is rendered when it is
// first asked for and then kept: about 0.3 MB of memory and 60 ms of one core each.
std::unique_ptr<DepthTrainingSource> make_rooms_source(std::size_t count, std::uint64_t first_seed);

// `count` pictures (0: all), spread evenly, of a folder as open_depth_dataset reads it, reduced to
// height x width. Kept in memory like the rooms. Throws Error(usage) for more than there are,
// Error(input) when a picture is not a multiple of that size.
std::unique_ptr<DepthTrainingSource> make_folder_source(const std::filesystem::path& folder,
                                                        std::int64_t height, std::int64_t width,
                                                        std::size_t count = 0);

// Digits for a network that scores classes, each shifted by up to two pixels both ways; the targets
// are labels, the loss is the cross entropy. `network` must outlive the source. Throws Error(usage)
// if the digits are not of the size that the network reads.
std::unique_ptr<TrainingSource> make_digits_source(const Network& network, Digits digits,
                                                   std::string description);

}  // namespace mbm
