// Where training pictures come from.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace mbm {

struct TrainingSample {
  at::Tensor rgb;    // uint8, 3 x height x width
  at::Tensor depth;  // float32 metres at half that size, means of 2 x 2; 0 where any was unmeasured
};

// A fixed set of pictures by index. An object must not be used from several threads at once.
class TrainingSource {
 public:
  virtual ~TrainingSource() = default;
  virtual std::size_t size() const = 0;
  virtual const TrainingSample& sample(std::size_t index) = 0;

  // What the pictures are, in the words of the command line; it goes into checkpoints and weights.
  virtual const std::string& description() const = 0;
};

// `count` generated rooms of the seeds first_seed, first_seed + 1, ... Each is rendered when it is
// first asked for and then kept: about 0.3 MB of memory and 60 ms of one core each.
std::unique_ptr<TrainingSource> make_rooms_source(std::size_t count, std::uint64_t first_seed);

// The pictures of a folder as open_depth_dataset reads it, reduced to height x width. Kept in
// memory like the rooms. Throws Error(input) when a picture is not a multiple of that size.
std::unique_ptr<TrainingSource> make_folder_source(const std::filesystem::path& folder,
                                                   std::int64_t height, std::int64_t width);

}  // namespace mbm
