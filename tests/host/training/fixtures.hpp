// Pictures whose depth can be learnt in a few steps.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "host/rooms/random_stream.hpp"
#include "host/training/training_source.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm::test {

// Pictures for make_tiny_network(), of random brightness per quarter; what is brighter is nearer:
// depth = 5 - 4 * brightness.
class BrightnessSource final : public DepthTrainingSource {
 public:
  explicit BrightnessSource(std::size_t count) {
    rooms::RandomStream random(99);
    for (std::size_t index = 0; index < count; ++index) {
      at::Tensor brightness = at::empty({2, 2});
      for (int i = 0; i < 4; ++i) brightness[i / 2][i % 2] = random.unit();
      const at::Tensor small = brightness.repeat_interleave(8, 0).repeat_interleave(12, 1);
      const at::Tensor large = brightness.repeat_interleave(16, 0).repeat_interleave(24, 1);
      samples_.push_back(
          {(large * 255).to(at::kByte).unsqueeze(0).repeat({3, 1, 1}), 5 - 4 * small});
    }
  }

  std::size_t size() const override { return samples_.size(); }
  const DepthTrainingSample& sample(std::size_t index) override { return samples_.at(index); }
  const std::string& description() const override { return description_; }

  std::vector<DepthTrainingSample>& samples() { return samples_; }

 private:
  std::vector<DepthTrainingSample> samples_;
  std::string description_ = "brightness";
};

}  // namespace mbm::test
