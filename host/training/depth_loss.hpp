// What a depth network is trained to make small.
#pragma once

#include <ATen/core/Tensor.h>

namespace mbm {

// DepthNorm = 10 / depth in metres, as DenseDepth predicts it.
inline constexpr double kDepthNormNumerator = 10;

// `prediction`: DepthNorm, batch x 1 x height x width. `depth`: metres, same shape; pixels of 0 do
// not count. The sum, each a mean over pixels, of
//   |log p - log t|                   (what the accuracies a1..a3 and log10 measure),
//   0.1 |p - t|                       (DenseDepth's own term; alone where p is too small for a
//   logarithm), 0.5 |difference of p - t between neighbours, right and down|   (edges).
// A scalar; 0 for equal maps.
at::Tensor depth_loss(const at::Tensor& prediction, const at::Tensor& depth);

}  // namespace mbm
