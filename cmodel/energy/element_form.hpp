// What a form of processing element does with operands: how they are coded at its ports, and what
// it adds.
#pragma once

#include <cstdint>

#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

enum class OperandCoding : std::uint8_t {
  magnitude,        // {sign, enabled, magnitude[width-1:0]}
  twos_complement,  // width + 1 bits
  logarithm,        // {sign, enabled, characteristic[2:0], fraction}
};

struct ElementForm {
  OperandCoding coding = OperandCoding::magnitude;
  int width = 8;                // magnitude bits of an operand
  int fraction_bits = 7;        // of a logarithm
  bool true_logarithm = false;  // rounded log2, else Mitchell's, cut
  int dropped_bits = 0;         // low bits of a product that are not added
  int sum_bits = 21;

  // The code that stands for one of `code_bits` magnitude bits in `width` of them: itself if they
  // suffice, else scaled to the largest magnitude of `width` bits and rounded to nearest, as
  // calibration by the largest magnitude would.
  int reduced(int code, int code_bits) const;

  // The bits of a reduced operand at a port.
  std::uint64_t bits(int operand) const;

  // What is added to the sum for reduced operands; `table` holds the magnitudes' products.
  std::int64_t term(const ProductTable& table, int weight, int activation) const;
};

}  // namespace mbm
