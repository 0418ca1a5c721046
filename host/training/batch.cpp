#include "host/training/batch.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace mbm {
namespace {

struct Pair {
  at::Tensor image;
  at::Tensor depth;
};

Pair plain_pair(const DepthTrainingSample& sample) {
  return {sample.rgb.to(at::kFloat).div_(255), sample.depth.unsqueeze(0)};
}

Pair augmented_pair(const DepthTrainingSample& sample, rooms::RandomStream& random) {
  Pair pair = plain_pair(sample);
  if (random.chance(0.5)) {
    pair.image = pair.image.flip({2});
    pair.depth = pair.depth.flip({2});
  }
  const double contrast = random.uniform(0.8, 1.2);
  const double brightness = random.uniform(0.75, 1.25);
  const double mean = pair.image.mean().item<double>();
  for (int channel = 0; channel < 3; ++channel) {
    const double gain = brightness * random.uniform(0.9, 1.1);
    pair.image[channel].sub_(mean).mul_(contrast).add_(mean).mul_(gain).clamp_(0, 1);
  }
  return pair;
}

template <typename MakePair>
Batch collect(DepthTrainingSource& source, std::span<const std::size_t> indices,
              MakePair make_pair) {
  std::vector<at::Tensor> images;
  std::vector<at::Tensor> depths;
  for (const std::size_t index : indices) {
    Pair pair = make_pair(source.sample(index));
    images.push_back(std::move(pair.image));
    depths.push_back(std::move(pair.depth));
  }
  return {at::stack(images).contiguous(at::MemoryFormat::ChannelsLast), at::stack(depths)};
}

}  // namespace

Batch make_batch(DepthTrainingSource& source, std::span<const std::size_t> indices) {
  return collect(source, indices, plain_pair);
}

Batch make_augmented_batch(DepthTrainingSource& source, std::span<const std::size_t> indices,
                           rooms::RandomStream& random) {
  return collect(source, indices,
                 [&](const DepthTrainingSample& sample) { return augmented_pair(sample, random); });
}

}  // namespace mbm
