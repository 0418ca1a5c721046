// The reference loop with exact products against an independent implementation: torch's double
// precision convolution of the same integer codes, which is exact below 2^53.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <ostream>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {

// Shown in the names of the tests.
void PrintTo(const ConvolutionProblem& problem, std::ostream* out) {
  *out << problem.description();
}

namespace {

std::vector<std::int16_t> random_codes(std::int64_t count) {
  const at::Tensor codes = at::randint(-255, 256, {count}, at::kShort);
  return {codes.data_ptr<std::int16_t>(), codes.data_ptr<std::int16_t>() + count};
}

at::Tensor as_double(const std::vector<std::int16_t>& codes, at::IntArrayRef shape) {
  return at::tensor(at::ArrayRef<std::int16_t>(codes)).to(at::kDouble).reshape(shape);
}

struct Comparison {
  std::vector<std::int16_t> activations;
  std::vector<std::int16_t> weights;
  at::Tensor expected;
};

Comparison compute_with_torch(const ConvolutionProblem& p) {
  Comparison c{random_codes(p.activation_count()), random_codes(p.weight_count()), {}};
  c.expected = at::conv2d(
      as_double(c.activations, {p.batch, p.input_channels, p.input_height, p.input_width}),
      as_double(c.weights,
                {p.output_channels, p.input_channels_per_group(), p.kernel_height, p.kernel_width}),
      {}, p.stride, p.padding, p.dilation, p.groups);
  return c;
}

template <typename Values>
std::int64_t count_differences(const Values& accumulators, const at::Tensor& expected) {
  const at::Tensor flat = expected.reshape({-1});
  EXPECT_EQ(static_cast<std::int64_t>(accumulators.size()), flat.numel());
  const double* values = flat.data_ptr<double>();
  std::int64_t differences = 0;
  for (std::size_t i = 0; i < accumulators.size(); ++i) {
    differences += static_cast<double>(accumulators[i]) != values[i] ? 1 : 0;
  }
  return differences;
}

class ConvolutionAgainstTorch : public testing::TestWithParam<ConvolutionProblem> {};

TEST_P(ConvolutionAgainstTorch, ExactProductsAreEqual) {
  at::manual_seed(7);
  const Comparison c = compute_with_torch(GetParam());
  const ProductTable table = make_product_table("exact");
  ReferenceEngine reference;
  const auto cpu = make_cpu_engine(2);
  const ConvolutionJob job{GetParam(), c.activations, c.weights, &table};
  EXPECT_EQ(count_differences(reference.run(job), c.expected), 0);
  EXPECT_EQ(count_differences(cpu->run(job), c.expected), 0);
}

INSTANTIATE_TEST_SUITE_P(Geometries, ConvolutionAgainstTorch,
                         testing::Values(ConvolutionProblem{2, 3, 9, 11, 4, 3, 3, 1, 1, 1, 1},
                                         ConvolutionProblem{1, 8, 7, 7, 8, 3, 3, 2, 1, 1, 8},
                                         ConvolutionProblem{1, 4, 12, 9, 6, 3, 5, 1, 2, 2, 2},
                                         ConvolutionProblem{2, 16, 5, 6, 24, 1, 1, 1, 1, 1, 1},
                                         ConvolutionProblem{1, 3, 16, 16, 8, 3, 3, 2, 1, 1, 1},
                                         ConvolutionProblem{1, 17, 1, 3, 5, 1, 1, 1, 0, 1, 1}));

// Defect 2 of the depth study: unfold without the permutation puts tap (m * L + j) % 9 where tap m
// belongs. Such an order of patches must not pass.
TEST(ConvolutionAgainstTorchTwin, WrongPatchOrderIsSeen) {
  at::manual_seed(7);
  const ConvolutionProblem p{1, 4, 8, 8, 4, 3, 3, 1, 1, 1, 1};
  const Comparison c = compute_with_torch(p);
  const at::Tensor padded =
      at::constant_pad_nd(as_double(c.activations, {1, 4, 8, 8}), {1, 1, 1, 1});
  const at::Tensor patches = padded.unfold(2, 3, 1).unfold(3, 3, 1);  // 1, C, H, W, 3, 3
  const at::Tensor weights = as_double(c.weights, {4, 36});
  const at::Tensor right = patches.permute({0, 1, 4, 5, 2, 3}).reshape({36, 64});
  const at::Tensor scrambled = patches.reshape({36, 64});
  EXPECT_TRUE(at::equal(at::matmul(weights, right).reshape({1, 4, 8, 8}), c.expected));
  EXPECT_FALSE(at::equal(at::matmul(weights, scrambled).reshape({1, 4, 8, 8}), c.expected));

  const ProductTable table = make_product_table("exact");
  ReferenceEngine reference;
  const Accumulators accumulators = reference.run({p, c.activations, c.weights, &table});
  EXPECT_GT(count_differences(accumulators, at::matmul(weights, scrambled)), 0);
}

}  // namespace
}  // namespace mbm
