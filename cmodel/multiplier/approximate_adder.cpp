// Logarithmic multipliers whose adder is approximate in its low bits: ALM-SOA and ALM-LOA (Liu et
// al., "Design and evaluation of approximate logarithmic multipliers for low power error-tolerant
// applications", IEEE TCAS-I 65(9), 2018), and DR-ALM, the dynamic-range one (Yin et al., IEEE
// TSUSC 6(4), 2021).
#include <fmt/format.h>

#include <algorithm>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

enum class LowBits { set_one, lower_or };

template <LowBits kLowBits>
struct ApproximateAdder {
  FractionFormat format;
  int approximate_bits;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    return linear_antilogarithm(add(code(a), code(b)), format.bits());
  }

 private:
  std::uint64_t code(std::uint32_t value) const {
    const Logarithm logarithm = format.logarithm(value);
    return (static_cast<std::uint64_t>(logarithm.characteristic) << format.bits()) +
           logarithm.fraction;
  }

  // The high parts are added exactly, with the carry of the highest approximate place.
  std::uint64_t add(std::uint64_t x, std::uint64_t y) const {
    const std::uint64_t mask = (std::uint64_t{1} << approximate_bits) - 1;
    const std::uint64_t carry = ((x & y) >> (approximate_bits - 1)) & 1;
    const std::uint64_t low = kLowBits == LowBits::set_one ? mask : (x | y) & mask;
    return (((x >> approximate_bits) + (y >> approximate_bits) + carry) << approximate_bits) | low;
  }
};

template <LowBits kLowBits>
std::unique_ptr<const Multiplier> make_adder(ParameterReader& parameters) {
  const int bits = parameters.number("", 1, parameters.width() - 1);
  const std::string_view family = kLowBits == LowBits::set_one ? "alm-soa" : "alm-loa";
  return define_multiplier(fmt::format("{}:{}", family, bits), parameters.width(),
                           ApproximateAdder<kLowBits>{{parameters.width() - 1}, bits});
}

// Operands cut to the W bits from their leading one, the lowest of them set; the adder's carry
// input adds one more unit of the last place to the sum where bits were cut.
struct DynamicRange {
  FractionFormat format;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const std::uint64_t sum = format.sum_of_logarithms(a, b) + 1;
    const std::uint64_t largest = (std::uint64_t{1} << (2 * (format.full_bits + 1))) - 1;
    return std::min(linear_antilogarithm(sum, format.bits()), largest);
  }
};

std::unique_ptr<const Multiplier> make_dynamic_range(ParameterReader& parameters) {
  const int bits = parameters.number("", 3, parameters.width() - 1);
  return define_multiplier(fmt::format("dr-alm:{}", bits), parameters.width(),
                           DynamicRange{{parameters.width() - 1, parameters.width() - bits, true}});
}

}  // namespace

std::vector<MultiplierFamily> approximate_adder_families() {
  return {
      {"alm-soa",
       "alm-soa:M, M low bits of the logarithmic sum set to one, 1..7",
       "logarithmic product with a set-one adder",
       "Liu et al., IEEE TCAS-I 65(9), 2018",
       {8, 16},
       {"alm-soa:1", "alm-soa:2", "alm-soa:3", "alm-soa:4", "alm-soa:5"},
       make_adder<LowBits::set_one>},
      {"alm-loa",
       "alm-loa:M, M low bits of the logarithmic sum by OR, 1..7",
       "logarithmic product with a lower-part-OR adder",
       "Liu et al., IEEE TCAS-I 65(9), 2018",
       {8, 16},
       {"alm-loa:1", "alm-loa:2", "alm-loa:3", "alm-loa:4", "alm-loa:5"},
       make_adder<LowBits::lower_or>},
      {"dr-alm",
       "dr-alm:W, W bits kept from the leading one, 3..7",
       "logarithmic product of operands of dynamic range",
       "Yin et al., IEEE TSUSC 6(4), 2021",
       {8, 16},
       {"dr-alm:4", "dr-alm:5", "dr-alm:6", "dr-alm:7"},
       make_dynamic_range},
  };
}

}  // namespace mbm
