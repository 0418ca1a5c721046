#include "cmodel/convolution/factored_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace mbm {
namespace {

constexpr std::size_t kSize = ProductTable::kOperands;

using Matrix = std::vector<std::int64_t>;  // kSize x kSize
using Vector = std::array<std::int64_t, kSize>;

Matrix matrix_of(const ProductTable& table) {
  return Matrix(table.products().begin(), table.products().end());
}

Matrix error_of(const ProductTable& table) {
  Matrix error = matrix_of(table);
  for (std::size_t a = 0; a < kSize; ++a) {
    for (std::size_t b = 0; b < kSize; ++b) {
      error[a * kSize + b] -= static_cast<std::int64_t>(a * b);
    }
  }
  return error;
}

// Greatest common divisors of all rows and all columns.
struct Divisors {
  Vector rows{};
  Vector columns{};

  explicit Divisors(const Matrix& matrix) {
    for (std::size_t i = 0; i < kSize; ++i) {
      for (std::size_t j = 0; j < kSize; ++j) {
        const std::int64_t entry = matrix[i * kSize + j];
        if (rows[i] != 1) rows[i] = std::gcd(rows[i], entry);
        if (columns[j] != 1) columns[j] = std::gcd(columns[j], entry);
      }
    }
  }
};

struct Pivot {
  std::size_t row = 0;
  std::size_t column = 0;
};

// The smallest entry that divides the product of its row's and its column's divisors.
std::optional<Pivot> find_pivot(const Matrix& matrix, const Divisors& divisors) {
  std::optional<Pivot> best;
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j < kSize; ++j) {
      const std::int64_t entry = matrix[i * kSize + j];
      if (entry == 0 || std::abs(entry) >= smallest) continue;
      if (divisors.rows[i] % (entry / std::gcd(entry, divisors.columns[j])) != 0) continue;
      smallest = std::abs(entry);
      best = Pivot{i, j};
    }
  }
  return best;
}

bool fits_int16(const Vector& values) {
  return std::all_of(values.begin(), values.end(), [](std::int64_t value) {
    return std::abs(value) <= std::numeric_limits<std::int16_t>::max();
  });
}

// 1 for a vector of zeros.
std::int64_t common_divisor(const Vector& values) {
  std::int64_t divisor = 0;
  for (const std::int64_t value : values) divisor = std::gcd(divisor, value);
  return std::max<std::int64_t>(divisor, 1);
}

std::int64_t largest_magnitude(const Vector& values) {
  std::int64_t largest = 0;
  for (const std::int64_t value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// Moves what all factors have in common to the weights, but for as much as lets the activations'
// still fit in signed bytes: plans of 8 bits can split weights, not activations.
void balance(Vector& weight, Vector& activation) {
  constexpr std::int64_t kLargestByte = 127;
  const std::int64_t weight_divisor = common_divisor(weight);
  const std::int64_t activation_divisor = common_divisor(activation);
  const std::int64_t shared = weight_divisor * activation_divisor;
  const std::int64_t largest =
      std::max<std::int64_t>(largest_magnitude(activation) / activation_divisor, 1);
  std::int64_t kept = std::max<std::int64_t>(kLargestByte / largest, 1);
  while (shared % kept != 0) --kept;
  for (std::int64_t& value : activation) value = value / activation_divisor * kept;
  for (std::int64_t& value : weight) value = value / weight_divisor * (shared / kept);
}

// Takes one term away from `matrix`; false if none is left that is integral and fits.
bool take_term(Matrix& matrix, FactoredTable& result) {
  const Divisors divisors(matrix);
  const std::optional<Pivot> pivot = find_pivot(matrix, divisors);
  if (!pivot) return false;
  const std::int64_t entry = matrix[pivot->row * kSize + pivot->column];
  const std::int64_t divisor = divisors.columns[pivot->column];
  const std::int64_t shared = std::gcd(entry, divisor);
  Vector weight{};
  Vector activation{};
  for (std::size_t i = 0; i < kSize; ++i) {
    weight[i] = matrix[i * kSize + pivot->column] / divisor;
    activation[i] = matrix[pivot->row * kSize + i] / (entry / shared) * (divisor / shared);
  }
  balance(weight, activation);
  if (!fits_int16(weight) || !fits_int16(activation)) return false;
  FactoredTable::Term term{};
  for (std::size_t i = 0; i < kSize; ++i) {
    term.weight[i] = static_cast<std::int16_t>(weight[i]);
    term.activation[i] = static_cast<std::int16_t>(activation[i]);
    for (std::size_t j = 0; j < kSize; ++j) matrix[i * kSize + j] -= weight[i] * activation[j];
  }
  result.terms.push_back(term);
  return true;
}

std::optional<FactoredTable> factor(Matrix matrix, FactoredTable result, std::size_t most_terms) {
  const auto is_zero = [](std::int64_t entry) { return entry == 0; };
  while (!std::all_of(matrix.begin(), matrix.end(), is_zero)) {
    if (result.terms.size() >= most_terms || !take_term(matrix, result)) return std::nullopt;
  }
  return result;
}

FactoredTable::Term exact_product() {
  FactoredTable::Term term{};
  std::iota(term.weight.begin(), term.weight.end(), std::int16_t{0});
  std::iota(term.activation.begin(), term.activation.end(), std::int16_t{0});
  return term;
}

bool equals(const FactoredTable& factored, const ProductTable& table) {
  for (std::size_t a = 0; a < kSize; ++a) {
    for (std::size_t b = 0; b < kSize; ++b) {
      if (factored.product(a, b) != table(a, b)) return false;
    }
  }
  return true;
}

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 31) - 1;

std::uint64_t inverse(std::uint64_t value) {  // by Fermat: value^(p - 2)
  std::uint64_t result = 1;
  for (std::uint64_t exponent = kPrime - 2; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = result * value % kPrime;
    value = value * value % kPrime;
  }
  return result;
}

int rank_of(const Matrix& matrix) {
  std::vector<std::uint64_t> rows(matrix.size());
  const auto prime = static_cast<std::int64_t>(kPrime);
  std::transform(matrix.begin(), matrix.end(), rows.begin(), [&](std::int64_t entry) {
    return static_cast<std::uint64_t>((entry % prime + prime) % prime);
  });
  std::size_t rank = 0;
  for (std::size_t column = 0; column < kSize && rank < kSize; ++column) {
    std::size_t pivot = rank;
    while (pivot < kSize && rows[pivot * kSize + column] == 0) ++pivot;
    if (pivot == kSize) continue;
    std::swap_ranges(rows.begin() + static_cast<std::ptrdiff_t>(pivot * kSize),
                     rows.begin() + static_cast<std::ptrdiff_t>((pivot + 1) * kSize),
                     rows.begin() + static_cast<std::ptrdiff_t>(rank * kSize));
    const std::uint64_t scale = inverse(rows[rank * kSize + column]);
    for (std::size_t row = rank + 1; row < kSize; ++row) {
      const std::uint64_t factor = rows[row * kSize + column] * scale % kPrime;
      if (factor == 0) continue;
      for (std::size_t j = column; j < kSize; ++j) {
        rows[row * kSize + j] =
            (rows[row * kSize + j] + (kPrime - factor) * rows[rank * kSize + j]) % kPrime;
      }
    }
    ++rank;
  }
  return static_cast<int>(rank);
}

}  // namespace

std::int64_t FactoredTable::product(std::size_t a, std::size_t b) const {
  std::int64_t sum = 0;
  for (const Term& term : terms) sum += std::int64_t{term.weight[a]} * term.activation[b];
  return sum;
}

std::optional<FactoredTable> factor_table(const ProductTable& table, std::size_t most_terms) {
  std::optional<FactoredTable> best = factor(matrix_of(table), {}, most_terms);
  if (!best || best->terms.size() > 1) {
    const std::size_t most = best ? best->terms.size() - 1 : most_terms;
    auto with_exact = factor(error_of(table), {{exact_product()}}, most);
    if (with_exact) best = std::move(with_exact);
  }
  if (best && !equals(*best, table)) return std::nullopt;
  return best;
}

int table_rank(const ProductTable& table) {
  return rank_of(matrix_of(table));
}

int error_rank(const ProductTable& table) {
  return rank_of(error_of(table));
}

}  // namespace mbm
