#include "cmodel/convolution/accumulator_comparison.hpp"

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

AccumulatorMismatch locate(const ConvolutionProblem& problem, std::int64_t index, std::int32_t got,
                           std::int32_t want) {
  const std::int64_t width = problem.output_width();
  const std::int64_t plane = problem.output_height() * width;
  return {.image = index / plane / problem.output_channels,
          .channel = index / plane % problem.output_channels,
          .y = index % plane / width,
          .x = index % width,
          .got = got,
          .want = want};
}

}  // namespace

AccumulatorComparison compare_accumulators(const ConvolutionProblem& problem,
                                           std::span<const std::int32_t> got,
                                           std::span<const std::int32_t> want) {
  const auto expected = static_cast<std::size_t>(problem.output_count());
  if (got.size() != expected || want.size() != expected) {
    fail(ErrorKind::usage, "convolution {}: {} and {} accumulators to compare, {} expected",
         problem.description(), got.size(), want.size(), expected);
  }
  AccumulatorComparison comparison;
  comparison.compared = problem.output_count();
  for (std::size_t i = 0; i < expected; ++i) {
    if (got[i] == want[i]) continue;
    if (comparison.mismatches++ == 0) {
      comparison.first = locate(problem, static_cast<std::int64_t>(i), got[i], want[i]);
    }
  }
  return comparison;
}

}  // namespace mbm
