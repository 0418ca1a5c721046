#include "host/training/validation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <vector>

#include "host/training/batch.hpp"

namespace mbm {

DepthMetrics validate(const TrainableNetwork& model, DepthTrainingSource& source) {
  std::vector<DepthMetrics> metrics;
  for (std::size_t index = 0; index < source.size(); ++index) {
    const Batch batch = make_batch(source, std::array{index});
    const at::Tensor truth = batch.targets[0][0];
    const at::Tensor prediction = model.forward_evaluation(batch.images)[0];
    const at::Tensor depth = depth_from_prediction(prediction, truth.size(0), truth.size(1));
    metrics.push_back(depth_metrics(depth, truth, {0, truth.size(0) - 1, 0, truth.size(1) - 1}));
  }
  return summarize(metrics).mean;
}

double digit_accuracy(const TrainableNetwork& model, const Network& network, const Digits& digits) {
  constexpr std::int64_t kBatch = 250;
  const std::int64_t count = digits.labels.numel();
  std::int64_t right = 0;
  for (std::int64_t first = 0; first < count; first += kBatch) {
    const std::int64_t last = std::min(first + kBatch, count);
    const at::Tensor scores = model.forward_evaluation(
        network.scale_input(digits.images.slice(0, first, last).unsqueeze(1)));
    right += scores.flatten(1)
                 .argmax(1)
                 .eq(digits.labels.slice(0, first, last))
                 .sum()
                 .item<std::int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace mbm
