// Multipliers that leave out or approximate partial products of the array.
#include <fmt/format.h>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

// Sum of the partial-product bits in the columns from `first_column` on.
std::uint64_t broken_array_product(std::uint32_t a, std::uint32_t b, int first_column, int width) {
  std::uint64_t product = 0;
  for (int row = 0; row < width; ++row) {
    if (((b >> row) & 1) == 0) continue;
    const std::uint64_t partial = std::uint64_t{a} << row;
    product += partial >> first_column << first_column;
  }
  return product;
}

// The mean of what is left out over all operands: each of the column + 1 bits of a column below the
// operand width is one in a quarter of the cases.
std::uint64_t mean_dropped(int first_column, int width) {
  std::uint64_t quadruple = 0;
  for (int column = 0; column < first_column; ++column) {
    const int bits = column < width ? column + 1 : 2 * width - 1 - column;
    quadruple += static_cast<std::uint64_t>(bits) << column;
  }
  return (quadruple + 2) / 4;
}

// Mahdiani et al., IEEE TCAS-I 57(4), 2010, without horizontal break; `const` adds the mean of what
// is left out, to products of non-zero operands.
std::unique_ptr<const Multiplier> make_broken_array(ParameterReader& parameters) {
  const int width = parameters.width();
  const int first_column = parameters.number("", 1, width);
  const bool compensated = parameters.word("const");
  const std::uint64_t constant = compensated ? mean_dropped(first_column, width) : 0;
  return define_multiplier(
      fmt::format("broken-array:{}{}", first_column, compensated ? ":const" : ""), width,
      [first_column, width, constant](std::uint32_t a, std::uint32_t b) -> std::uint64_t {
        if (a == 0 || b == 0) return 0;
        return broken_array_product(a, b, first_column, width) + constant;
      });
}

// Kulkarni, Gupta, Ercegovac, VLSI Design 2011: 2 x 2 blocks in which 3 * 3 is 7, summed exactly.
std::uint64_t underdesigned_product(std::uint32_t a, std::uint32_t b, int width) {
  std::uint64_t product = 0;
  for (int i = 0; i < width; i += 2) {
    for (int j = 0; j < width; j += 2) {
      const std::uint32_t digit_a = (a >> i) & 3;
      const std::uint32_t digit_b = (b >> j) & 3;
      const std::uint64_t block = digit_a == 3 && digit_b == 3 ? 7 : digit_a * digit_b;
      product += block << (i + j);
    }
  }
  return product;
}

std::unique_ptr<const Multiplier> make_underdesigned(ParameterReader& parameters) {
  const int width = parameters.width();
  return define_multiplier("udm", width, [width](std::uint32_t a, std::uint32_t b) {
    return underdesigned_product(a, b, width);
  });
}

}  // namespace

std::vector<MultiplierFamily> partial_product_families() {
  return {
      {"broken-array",
       "broken-array:C[:const], the C low columns left out, 1..8 (1..16 at 16 bits); const: their "
       "mean added",
       "array multiplier without its low columns",
       "Mahdiani et al., IEEE TCAS-I 57(4), 2010",
       {8, 16},
       {"broken-array:5", "broken-array:6", "broken-array:7", "broken-array:8",
        "broken-array:7:const"},
       make_broken_array},
      {"udm",
       "udm",
       "array of 2 x 2 blocks in which 3 * 3 is 7",
       "Kulkarni et al., VLSI Design 2011",
       {8, 16},
       {"udm"},
       make_underdesigned},
  };
}

}  // namespace mbm
