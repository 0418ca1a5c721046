// A network of the study's topology that is small enough for unit tests, with random parameters and
// images.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "host/dataset/depth_dataset.hpp"
#include "host/network/densedepth_mobilenetv2.hpp"
#include "host/network/layer_parameters.hpp"

namespace mbm::test {

inline constexpr std::int64_t kTinyHeight = 32;
inline constexpr std::int64_t kTinyWidth = 48;

inline std::unique_ptr<const Network> make_tiny_network() {
  constexpr DenseDepthMobileNetV2Widths kWidths{4, {4, 4, 4, 4, 4, 4, 4}, 8, 16};
  return make_densedepth_mobilenetv2("tiny", kWidths, kTinyHeight, kTinyWidth);
}

// Parameters by name, as a weights file would hold them; normal with the variance that keeps
// activations alive.
inline NamedTensors random_parameters(const Network& network, std::uint64_t seed) {
  at::manual_seed(seed);
  NamedTensors tensors;
  for (const ConvolutionLayer& layer : network.layers()) {
    const ConvolutionProblem& p = layer.problem;
    const double deviation = std::sqrt(2.0 / static_cast<double>(p.reduction_length()));
    tensors[layer.parameter_name + ".weight"] =
        at::randn(
            {p.output_channels, p.input_channels_per_group(), p.kernel_height, p.kernel_width}) *
        deviation;
    tensors[layer.parameter_name + ".bias"] = at::randn({p.output_channels}) * 0.1;
  }
  return tensors;
}

// Random pictures with random depth of 1 to 5 m.
class RandomDepthDataset final : public DepthDataset {
 public:
  RandomDepthDataset(std::size_t size, std::int64_t height, std::int64_t width,
                     std::uint64_t seed) {
    at::manual_seed(seed);
    for (std::size_t i = 0; i < size; ++i) {
      samples_.push_back({at::randint(0, 256, {3, height, width}, at::kByte),
                          at::rand({height, width}) * 4.0 + 1.0});
    }
  }

  std::size_t size() const override { return samples_.size(); }
  std::string image_name(std::size_t index) const override { return std::to_string(index); }
  DepthSample load(std::size_t index) override { return samples_.at(index); }
  CropWindow crop(std::int64_t height, std::int64_t width) const override {
    return evaluation_crop(height, width);
  }

 private:
  std::vector<DepthSample> samples_;
};

}  // namespace mbm::test
