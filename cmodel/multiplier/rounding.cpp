// Multipliers that round both operands to the nearest power of two and multiply without the product
// of the two remainders.
#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

#include <bit>

namespace mbm {
namespace {

// The nearest power of two, halfway up.
std::uint32_t nearest_power(std::uint32_t value) {
  const std::uint32_t low = std::bit_floor(value);
  return (value & (low >> 1)) != 0 ? low << 1 : low;
}

// The same, except that 3 goes to 2 (Zendegani et al., section II).
std::uint32_t rounded_operand(std::uint32_t value) {
  return value == 3 ? 2 : nearest_power(value);
}

// RoBA (unsigned), Zendegani et al., IEEE TVLSI 25(2), 2017: Ar B + A Br - Ar Br.
std::uint64_t rounding_product(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return 0;
  const std::int64_t rounded_a = rounded_operand(a);
  const std::int64_t rounded_b = rounded_operand(b);
  return static_cast<std::uint64_t>(rounded_a * b + a * rounded_b - rounded_a * rounded_b);
}

// ILM, Ansari et al., IEEE Trans. Computers 70(4), 2021, with exact adder: 2^(ka + kb) and the
// signed remainders shifted by the other operand's exponent.
std::uint64_t improved_logarithmic_product(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return 0;
  const std::int64_t power_a = nearest_power(a);
  const std::int64_t power_b = nearest_power(b);
  return static_cast<std::uint64_t>(power_a * power_b + (a - power_a) * power_b +
                                    (b - power_b) * power_a);
}

std::unique_ptr<const Multiplier> make_rounding(ParameterReader& parameters) {
  return define_multiplier("roba", parameters.width(),
                           [](std::uint32_t a, std::uint32_t b) { return rounding_product(a, b); });
}

std::unique_ptr<const Multiplier> make_improved(ParameterReader& parameters) {
  return define_multiplier("ilm", parameters.width(), [](std::uint32_t a, std::uint32_t b) {
    return improved_logarithmic_product(a, b);
  });
}

}  // namespace

std::vector<MultiplierFamily> rounding_families() {
  return {
      {"roba",
       "roba",
       "product of operands rounded to powers of two, first-order corrected",
       "Zendegani et al., IEEE TVLSI 25(2), 2017",
       {8, 16},
       {"roba"},
       make_rounding},
      {"ilm",
       "ilm",
       "improved logarithmic multiplier: logarithms around the nearest power of two",
       "Ansari et al., IEEE Trans. Computers 70(4), 2021",
       {8, 16},
       {"ilm"},
       make_improved},
  };
}

}  // namespace mbm
