#include "cmodel/multiplier/operand_distribution.hpp"

#include <cmath>
#include <numeric>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

void normalise(std::vector<double>& probabilities) {
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  for (double& probability : probabilities) probability /= sum;
}

}  // namespace

OperandDistribution uniform_distribution(int width) {
  const std::size_t count = std::size_t{1} << width;
  return {std::vector<double>(count, 1.0 / static_cast<double>(count))};
}

OperandDistribution half_normal_distribution(int width, double sigma, std::uint32_t highest) {
  std::vector<double> probabilities(std::size_t{1} << width, 0.0);
  for (std::size_t value = 0; value < probabilities.size() && value <= highest; ++value) {
    const double x = static_cast<double>(value) / sigma;
    probabilities[value] = std::exp(-x * x / 2);
  }
  probabilities[0] /= 2;  // both signs of every other magnitude fold onto it
  normalise(probabilities);
  return {std::move(probabilities)};
}

OperandDistribution distribution_of_counts(std::span<const std::uint64_t> counts, int width) {
  if (counts.size() != std::size_t{1} << width) {
    fail(ErrorKind::input, "operand histogram: {} counts found, {} expected at {} bits",
         counts.size(), std::size_t{1} << width, width);
  }
  std::vector<double> probabilities(counts.begin(), counts.end());
  if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == 0) {
    fail(ErrorKind::input, "operand histogram: no operand counted, at least one expected");
  }
  normalise(probabilities);
  return {std::move(probabilities)};
}

OperandDistributions uniform_operands(int width) {
  return {uniform_distribution(width), uniform_distribution(width)};
}

OperandDistributions network_operands(int width) {
  const double scale = std::ldexp(1.0, width - 8);
  const std::uint32_t largest = (1U << width) - 1;
  return {half_normal_distribution(width, 32 * scale, largest / 2),
          half_normal_distribution(width, 64 * scale, largest)};
}

}  // namespace mbm
