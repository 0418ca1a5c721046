// Babic, Avramovic, Bulic, "An iterative logarithmic multiplier", Microprocessors and Microsystems
// 35(1), 2011: each basic block multiplies all but the remainders, which the next block multiplies.
#include <fmt/format.h>

#include <bit>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

std::uint64_t iterative_product(std::uint32_t a, std::uint32_t b, int blocks) {
  std::uint64_t product = 0;
  for (; blocks > 0 && a != 0 && b != 0; --blocks) {
    const std::uint32_t power_a = std::bit_floor(a);
    const std::uint32_t power_b = std::bit_floor(b);
    a -= power_a;
    b -= power_b;
    product +=
        std::uint64_t{power_a} * power_b + std::uint64_t{a} * power_b + std::uint64_t{b} * power_a;
  }
  return product;
}

std::unique_ptr<const Multiplier> make_iterative(ParameterReader& parameters) {
  const int blocks = parameters.number("", 1, parameters.width());
  return define_multiplier(
      fmt::format("iterative-log:{}", blocks), parameters.width(),
      [blocks](std::uint32_t a, std::uint32_t b) { return iterative_product(a, b, blocks); });
}

}  // namespace

std::vector<MultiplierFamily> iterative_families() {
  return {{"iterative-log",
           "iterative-log:N, N basic blocks, 1..8 (1..16 at 16 bits)",
           "iterative logarithmic product",
           "Babic et al., Microprocessors and Microsystems 35(1), 2011",
           {8, 16},
           {"iterative-log:1", "iterative-log:2"},
           make_iterative}};
}

}  // namespace mbm
