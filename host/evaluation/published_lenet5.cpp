#include "host/evaluation/published_lenet5.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kIndexFactor = 3;
constexpr int kMultiplierBits = 8;

}  // namespace

OperationCounts lenet5_operations(const ConvolutionProblem& problem, bool is_output,
                                  const LeNet5Counting& counting) {
  ConvolutionProblem batch = problem;
  batch.batch = kPublishedLeNet5Batch;
  OperationCounts counts = count_operations(batch);
  const bool is_convolution = problem.kernel_height > 1 || problem.input_height > 1;
  if (counting.index_arithmetic && is_convolution) {
    counts.products *= kIndexFactor;
    counts.additions *= kIndexFactor;
  }
  if (counting.output_biases && is_output) counts.additions += batch.output_count();
  return counts;
}

std::int64_t lenet5_energy(std::span<const ConvolutionProblem> problems, std::span<const int> bits,
                           const LeNet5Counting& counting) {
  std::int64_t energy = 0;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    energy += energy_of_bits(lenet5_operations(problems[i], i + 1 == problems.size(), counting),
                             {kMultiplierBits, bits[i]});
  }
  return energy;
}

}  // namespace mbm
