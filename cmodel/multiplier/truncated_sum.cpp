// TOSAM(h, t), Vahdat, Kamal, Afzali-Kusha, Pedram, IEEE TVLSI 27(5), 2019: the product of two
// mantissas 1 + x as 1 + x + y + x y, the sum from fractions of t bits, the product from fractions
// of h bits with a one appended.
#include <fmt/format.h>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

struct TruncatedSum {
  int full_bits;     // of the operands' fractions
  int product_bits;  // h
  int sum_bits;      // t

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const Logarithm log_a = mitchell_logarithm(a, full_bits);
    const Logarithm log_b = mitchell_logarithm(b, full_bits);
    // All in units of 2^-(2 (t + 1)), exact.
    const int unit = 2 * (sum_bits + 1);
    const std::uint64_t sum =
        std::uint64_t{cut(log_a.fraction, sum_bits)} + cut(log_b.fraction, sum_bits);
    const std::uint64_t product = std::uint64_t{2 * cut(log_a.fraction, product_bits) + 1} *
                                  (2 * cut(log_b.fraction, product_bits) + 1);
    const std::uint64_t mantissa = (std::uint64_t{1} << unit) + (sum << (unit - sum_bits)) +
                                   (product << (unit - 2 * (product_bits + 1)));
    return antilogarithm(mantissa, log_a.characteristic + log_b.characteristic, unit);
  }

 private:
  // The high `bits` bits of a fraction.
  std::uint32_t cut(std::uint32_t fraction, int bits) const {
    return fraction >> (full_bits - bits);
  }
};

std::unique_ptr<const Multiplier> make_truncated_sum(ParameterReader& parameters) {
  const int full_bits = parameters.width() - 1;
  const int product_bits = parameters.number("", 0, full_bits);
  const int sum_bits = parameters.number("", product_bits, full_bits);
  return define_multiplier(fmt::format("tosam:{}:{}", product_bits, sum_bits), parameters.width(),
                           TruncatedSum{full_bits, product_bits, sum_bits});
}

}  // namespace

std::vector<MultiplierFamily> truncated_sum_families() {
  return {{"tosam",
           "tosam:H:T, fractions of H bits in the product and T in the sum, 0 <= H <= T <= 7",
           "product of truncated and rounded mantissas",
           "Vahdat et al., IEEE TVLSI 27(5), 2019",
           {8, 16},
           {"tosam:0:3", "tosam:1:3", "tosam:1:5", "tosam:2:4", "tosam:2:5", "tosam:2:6",
            "tosam:3:6", "tosam:3:7"},
           make_truncated_sum}};
}

}  // namespace mbm
