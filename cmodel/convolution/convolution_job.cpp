#include <algorithm>
#include <atomic>
#include <limits>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {
namespace {

constexpr int kLargestMagnitude = 255;

[[gnu::always_inline]] inline OperandRange range_loop(std::span<const std::int16_t> operands) {
  std::int16_t smallest = 0;
  std::int16_t largest = 0;
  for (const std::int16_t operand : operands) {
    smallest = operand < smallest ? operand : smallest;
    largest = operand > largest ? operand : largest;
  }
  return {smallest, largest};
}

OperandRange range_plain(std::span<const std::int16_t> operands) {
  return range_loop(operands);
}

// The same loop, for the compiler to vectorise twice as wide.
[[gnu::target("avx2")]] OperandRange range_avx2(std::span<const std::int16_t> operands) {
  return range_loop(operands);
}

OperandRange require_operands(const ConvolutionProblem& problem, const char* what,
                              std::span<const std::int16_t> operands, std::int64_t expected,
                              const OperandRange* known = nullptr) {
  if (static_cast<std::int64_t>(operands.size()) != expected) {
    fail(ErrorKind::usage, "convolution {}: {} {} found, {} expected", problem.description(),
         operands.size(), what, expected);
  }
  const OperandRange range = known != nullptr ? *known : range_of(operands);
  if (range.magnitude() <= kLargestMagnitude) return range;
  const auto bad = std::find_if(operands.begin(), operands.end(), [](int operand) {
    return operand < -kLargestMagnitude || operand > kLargestMagnitude;
  });
  fail(ErrorKind::usage, "convolution {}: {}[{}] is {}, -255..255 expected", problem.description(),
       what, bad - operands.begin(), *bad);
}

// Largest product of magnitudes up to those of the ranges; zeros come from padding.
std::int64_t largest_product(const ProductTable& table, int weight, int activation) {
  std::uint16_t largest = 0;
  for (int a = 0; a <= weight; ++a) {
    const auto row = table.row(static_cast<std::size_t>(a));
    largest = std::max(largest, *std::max_element(row.begin(), row.begin() + activation + 1));
  }
  return largest;
}

}  // namespace

OperandRange range_of(std::span<const std::int16_t> operands) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2 ? range_avx2(operands) : range_plain(operands);
}

JobRanges ConvolutionJob::check(const OperandRange* weight_range) const {
  problem.validate();
  if (table == nullptr) fail(ErrorKind::usage, "convolution {}: no table", problem.description());
  JobRanges ranges;
  ranges.activations =
      require_operands(problem, "activations", activations, problem.activation_count());
  ranges.weights =
      require_operands(problem, "weights", weights, problem.weight_count(), weight_range);
  return ranges;
}

JobRanges ConvolutionJob::validate(const OperandRange* weight_range) const {
  constexpr std::int64_t kLargestSum = std::numeric_limits<std::int32_t>::max();
  const JobRanges ranges = check(weight_range);
  const std::int64_t length = problem.reduction_length();
  // Reading the table takes longer than a small job, so first without it.
  if (length <= kLargestSum / std::numeric_limits<std::uint16_t>::max()) return ranges;
  const std::int64_t largest_sum =
      length * largest_product(*table, ranges.weights.magnitude(), ranges.activations.magnitude());
  if (largest_sum > kLargestSum) {
    fail(ErrorKind::usage, "convolution {}: sums of up to {} pass int32 with table '{}'",
         problem.description(), largest_sum, table->name());
  }
  return ranges;
}

std::uint64_t new_weights_id() {
  static std::atomic<std::uint64_t> next{1};
  return next++;
}

}  // namespace mbm
