// Our AdamW against libtorch's own.
#include "host/training/adamw.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

namespace mbm {
namespace {

// A bowl, not centred and not round.
at::Tensor bowl(const at::Tensor& matrix, const at::Tensor& vector) {
  return (matrix - 0.3).pow(2).sum() + (vector * at::tensor({1.0F, 10.0F, 0.1F}) + 1).pow(2).sum();
}

TEST(AdamW, FollowsLibtorch) {
  const at::Tensor matrix = at::linspace(-1, 1, 6).reshape({2, 3});
  const at::Tensor vector = at::tensor({0.5F, -2.0F, 3.0F});
  NamedTensors ours{{"matrix", matrix.clone().requires_grad_(true)},
                    {"vector", vector.clone().requires_grad_(true)}};
  const at::Tensor their_matrix = matrix.clone().requires_grad_(true);
  const at::Tensor their_vector = vector.clone().requires_grad_(true);
  // Decay for the matrix only, as AdamW of this project does.
  torch::optim::AdamW with_decay({their_matrix},
                                 torch::optim::AdamWOptions(0.05).weight_decay(0.1));
  torch::optim::AdamW without({their_vector}, torch::optim::AdamWOptions(0.05).weight_decay(0));
  AdamW optimizer(ours, 0.1);
  for (int step = 1; step <= 20; ++step) {
    bowl(ours.at("matrix"), ours.at("vector")).backward();
    optimizer.update(step, 0.05);
    with_decay.zero_grad();
    without.zero_grad();
    bowl(their_matrix, their_vector).backward();
    with_decay.step();
    without.step();
  }
  EXPECT_TRUE(at::allclose(ours.at("matrix"), their_matrix, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(ours.at("vector"), their_vector, 1e-5, 1e-6));
  EXPECT_FALSE(at::allclose(ours.at("matrix"), matrix, 1e-2, 1e-2));  // they have moved
}

}  // namespace
}  // namespace mbm
