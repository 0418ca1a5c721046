// REALM, Saadat, Javaid, Ignjatovic, Parameswaran, DATE 2020: Mitchell's product with a correction
// from an M x M grid over the two fractions, each entry the one that makes the mean relative error
// of its cell zero.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

constexpr int kLargestGrid = 16;
constexpr int kCorrectionBits = 6;                                          // q of the paper
using Corrections = std::array<std::uint8_t, kLargestGrid * kLargestGrid>;  // in 2^-q

// -(mean relative error) / (mean of 1 / ((1 + x) (1 + y))) of Mitchell's product over one cell of
// the grid, in units of 2^-q, to nearest. Midpoint rule; the error of the rule is far below 2^-q.
std::uint8_t correction(int grid, int row, int column) {
  constexpr int kSteps = 64;
  double error = 0;
  double weight = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double x = (row + (i + 0.5) / kSteps) / grid;
    for (int j = 0; j < kSteps; ++j) {
      const double y = (column + (j + 0.5) / kSteps) / grid;
      const double exact = (1 + x) * (1 + y);
      const double mitchell = x + y < 1 ? 1 + x + y : 2 * (x + y);
      error += mitchell / exact - 1;
      weight += 1 / exact;
    }
  }
  return static_cast<std::uint8_t>(std::lround(-error / weight * (1 << kCorrectionBits)));
}

Corrections make_corrections(int grid) {
  Corrections corrections{};
  for (int row = 0; row < grid; ++row) {
    for (int column = 0; column < grid; ++column) {
      corrections[static_cast<std::size_t>(row * grid + column)] = correction(grid, row, column);
    }
  }
  return corrections;
}

struct Realm {
  FractionFormat format;
  int index_bits;  // log2 of the grid
  Corrections corrections;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const Logarithm log_a = format.logarithm(a);
    const Logarithm log_b = format.logarithm(b);
    const std::uint32_t row = log_a.fraction >> (format.bits() - index_bits);
    const std::uint32_t column = log_b.fraction >> (format.bits() - index_bits);
    const std::uint32_t entry = corrections[(row << index_bits) + column];
    // The mantissa keeps the bits of the full fraction, so that a truncated one does not cost bits
    // of the correction.
    const int bits = format.full_bits;
    const std::uint32_t one = std::uint32_t{1} << bits;
    const std::uint32_t sum = (log_a.fraction + log_b.fraction) << format.dropped;
    const int carry = static_cast<int>(sum >> bits);
    // s / 2 where the fractions carry.
    const std::uint32_t correction = (entry << bits) >> (kCorrectionBits + carry);
    const std::uint64_t mantissa = one + (sum & (one - 1)) + correction;
    const std::uint64_t largest = (std::uint64_t{1} << (2 * (bits + 1))) - 1;
    return std::min(
        antilogarithm(mantissa, log_a.characteristic + log_b.characteristic + carry, bits),
        largest);
  }
};

std::unique_ptr<const Multiplier> make_realm(ParameterReader& parameters) {
  const int grid = parameters.number("", 2, kLargestGrid);
  if (!std::has_single_bit(static_cast<unsigned>(grid))) parameters.refuse("M is no power of two");
  const int index_bits = std::countr_zero(static_cast<unsigned>(grid));
  const int full_bits = parameters.width() - 1;
  const int dropped = parameters.number_or("t", 0, full_bits - index_bits, 0);
  std::string name = fmt::format("realm:{}", grid);
  if (dropped > 0) name += fmt::format(":t{}", dropped);
  return define_multiplier(
      name, parameters.width(),
      Realm{{full_bits, dropped, dropped > 0}, index_bits, make_corrections(grid)});
}

}  // namespace

std::vector<MultiplierFamily> realm_families() {
  return {{"realm",
           "realm:M[:tT], grid M x M, M = 2, 4, 8, 16; T fraction bits dropped",
           "Mitchell's product corrected from an M x M grid of the fractions",
           "Saadat et al., DATE 2020",
           {8, 16},
           {"realm:2", "realm:4", "realm:4:t1", "realm:4:t2", "realm:8", "realm:8:t1", "realm:8:t2",
            "realm:16", "realm:16:t1"},
           make_realm}};
}

}  // namespace mbm
