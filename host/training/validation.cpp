#include "host/training/validation.hpp"

#include <ATen/ATen.h>

#include <array>
#include <vector>

#include "host/training/batch.hpp"

namespace mbm {

DepthMetrics validate(const TrainableNetwork& model, TrainingSource& source) {
  std::vector<DepthMetrics> metrics;
  for (std::size_t index = 0; index < source.size(); ++index) {
    const Batch batch = make_batch(source, std::array{index});
    const at::Tensor truth = batch.depth[0][0];
    const at::Tensor prediction = model.forward_evaluation(batch.images)[0];
    const at::Tensor depth = depth_from_prediction(prediction, truth.size(0), truth.size(1));
    metrics.push_back(depth_metrics(depth, truth, {0, truth.size(0) - 1, 0, truth.size(1) - 1}));
  }
  return summarize(metrics).mean;
}

}  // namespace mbm
