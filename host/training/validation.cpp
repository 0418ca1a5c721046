#include "host/training/validation.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <array>

#include "host/training/batch.hpp"
#include "host/training/depth_loss.hpp"

namespace mbm {

ValidationScores validate(const TrainableNetwork& model, TrainingSource& source) {
  ValidationScores sum;
  for (std::size_t index = 0; index < source.size(); ++index) {
    const Batch batch = make_batch(source, std::array{index});
    const at::Tensor norm = model.forward_evaluation(batch.images).clamp(1, 100);
    const at::Tensor measured = batch.depth.gt(0);
    const at::Tensor depth = batch.depth.masked_select(measured);
    const at::Tensor predicted = (kDepthNormNumerator / norm).masked_select(measured);
    const at::Tensor ratio = at::maximum(depth / predicted, predicted / depth);
    sum.a1 += ratio.lt(1.25).to(at::kFloat).mean().item<double>();
    sum.rel += ((depth - predicted).abs() / depth).mean().item<double>();
  }
  const auto count = static_cast<double>(source.size());
  return {sum.a1 / count, sum.rel / count};
}

std::string describe(const ValidationScores& scores) {
  return fmt::format("held-out a1 {:.4f} rel {:.4f}", scores.a1, scores.rel);
}

}  // namespace mbm
