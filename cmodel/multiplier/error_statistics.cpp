#include "cmodel/multiplier/error_statistics.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_count.hpp"

namespace mbm {
namespace {

// Weighted sums over operands; sums of rows are added up row by row, which keeps the rounding error
// of 2^32 terms far below the printed digits.
struct Sums {
  double wrong = 0;
  double relative = 0;
  double absolute_relative = 0;
  double square_relative = 0;
  double peak = 0;
  double error = 0;
  double absolute_error = 0;
  double square_error = 0;
  double square_exact = 0;
  double exact_times_product = 0;
  double square_product = 0;
  double worst = 0;
  bool zero_annihilates = true;

  void add(const Sums& other, double weight) {
    wrong += weight * other.wrong;
    relative += weight * other.relative;
    absolute_relative += weight * other.absolute_relative;
    square_relative += weight * other.square_relative;
    peak = std::max(peak, other.peak);
    error += weight * other.error;
    absolute_error += weight * other.absolute_error;
    square_error += weight * other.square_error;
    square_exact += weight * other.square_exact;
    exact_times_product += weight * other.exact_times_product;
    square_product += weight * other.square_product;
    worst = std::max(worst, other.worst);
    zero_annihilates = zero_annihilates && other.zero_annihilates;
  }
};

// The operands b that occur, with what the inner loop needs of each.
struct Columns {
  std::vector<std::uint32_t> values;
  std::vector<double> weights;
  std::vector<double> reciprocals;  // 0 for 0: relative errors without an exact product count as 0

  explicit Columns(const OperandDistribution& distribution) {
    for (std::size_t b = 0; b < distribution.probabilities.size(); ++b) {
      if (distribution.probabilities[b] == 0) continue;
      values.push_back(static_cast<std::uint32_t>(b));
      weights.push_back(distribution.probabilities[b]);
      reciprocals.push_back(b == 0 ? 0.0 : 1.0 / static_cast<double>(b));
    }
  }
};

// The sums of one row. `Product` is the type of the products of the row.
template <typename Product>
Sums sum_row(std::uint32_t a, std::span<const Product> products, const Columns& columns) {
  Sums sums;
  const double reciprocal_a = a == 0 ? 0.0 : 1.0 / a;
  for (std::size_t i = 0; i < columns.values.size(); ++i) {
    const std::uint32_t b = columns.values[i];
    const double weight = columns.weights[i];
    const double product = products[b];
    const double exact = static_cast<double>(a) * static_cast<double>(b);
    const double error = product - exact;
    const double distance = std::abs(error);
    const double relative = error * (reciprocal_a * columns.reciprocals[i]);
    sums.wrong += error != 0 ? weight : 0.0;
    sums.relative += weight * relative;
    sums.absolute_relative += weight * std::abs(relative);
    sums.square_relative += weight * relative * relative;
    sums.peak = std::max(sums.peak, std::abs(relative));
    sums.error += weight * error;
    sums.absolute_error += weight * distance;
    sums.square_error += weight * error * error;
    sums.square_exact += weight * exact * exact;
    sums.exact_times_product += weight * exact * product;
    sums.square_product += weight * product * product;
    sums.worst = std::max(sums.worst, distance);
  }
  return sums;
}

template <typename Product>
bool row_annihilates(std::uint32_t a, std::span<const Product> products) {
  if (products[0] != 0) return false;
  return a != 0 || std::all_of(products.begin(), products.end(),
                               [](Product product) { return product == 0; });
}

double ratio(double numerator, double denominator) {
  return denominator == 0 ? 0.0 : numerator / denominator;
}

ErrorStatistics statistics_of(const Sums& sums, int width) {
  const double largest = std::ldexp(1.0, width) - 1;
  ErrorStatistics result;
  result.error_rate = sums.wrong;
  result.bias = sums.relative;
  result.mean_relative_error = sums.absolute_relative;
  result.peak_relative_error = sums.peak;
  result.deviation = std::sqrt(std::max(0.0, sums.square_relative - sums.relative * sums.relative));
  result.mean_error_distance = sums.absolute_error / (largest * largest);
  result.mean_error = sums.error / (largest * largest);
  result.mean_absolute_error = sums.absolute_error;
  result.mean_square_error = sums.square_error;
  result.worst_case_error = static_cast<std::uint64_t>(sums.worst);
  result.noise_to_signal = ratio(sums.square_error, sums.square_exact);
  result.gain = sums.square_product == 0 ? 1 : sums.exact_times_product / sums.square_product;
  // |exact - gain * product|^2 at the best gain, as one difference.
  const double scaled =
      sums.square_exact -
      ratio(sums.exact_times_product * sums.exact_times_product, sums.square_product);
  result.noise_to_signal_scaled = std::max(0.0, ratio(scaled, sums.square_exact));
  result.zero_annihilates = sums.zero_annihilates;
  return result;
}

void require_entries(const OperandDistribution& distribution, int width) {
  if (distribution.probabilities.size() != std::size_t{1} << width) {
    fail(ErrorKind::usage, "operand distribution: {} entries found, {} expected at {} bits",
         distribution.probabilities.size(), std::size_t{1} << width, width);
  }
}

}  // namespace

ErrorStatistics error_statistics(const Multiplier& multiplier, const OperandDistributions& operands,
                                 int threads) {
  const int width = multiplier.width();
  require_entries(operands.a, width);
  require_entries(operands.b, width);
  const Columns columns(operands.b);
  const auto rows = static_cast<std::uint32_t>(std::uint32_t{1} << width);

  // The sums of each row are kept and added in order: the result does not depend on the threads.
  std::vector<Sums> sums(rows);
  std::atomic<std::uint32_t> next{0};
  const auto work = [&] {
    std::vector<std::uint32_t> products(rows);
    for (std::uint32_t a = next++; a < rows; a = next++) {
      multiplier.multiply_row(a, products);
      const std::span<const std::uint32_t> row(products);
      if (operands.a.probabilities[a] != 0) sums[a] = sum_row(a, row, columns);
      sums[a].zero_annihilates = row_annihilates(a, row);
    }
  };
  const int count = threads > 0 || width > 8 ? thread_count_or_cores(threads) : 1;
  std::vector<std::thread> helpers;
  for (int i = 1; i < count; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();

  Sums total;
  for (std::uint32_t a = 0; a < rows; ++a) total.add(sums[a], operands.a.probabilities[a]);
  return statistics_of(total, width);
}

ErrorStatistics error_statistics(const ProductTable& table, const OperandDistributions& operands) {
  constexpr int kWidth = ProductTable::kOperandBits;
  require_entries(operands.a, kWidth);
  require_entries(operands.b, kWidth);
  const Columns columns(operands.b);
  Sums total;
  for (std::uint32_t a = 0; a < ProductTable::kOperands; ++a) {
    const double weight = operands.a.probabilities[a];
    const std::span<const std::uint16_t> row = table.row(a);
    Sums sums;
    if (weight != 0) sums = sum_row(a, row, columns);
    sums.zero_annihilates = row_annihilates(a, row);
    total.add(sums, weight);
  }
  return statistics_of(total, kWidth);
}

double decibels(double ratio) {
  constexpr double kFloor = -120;
  return ratio <= 1e-12 ? kFloor : 10 * std::log10(ratio);
}

}  // namespace mbm
