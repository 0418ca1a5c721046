// Multipliers that take a segment of each operand, multiply the segments exactly and shift back.
#include <fmt/format.h>

#include <bit>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

// Product of the operands that `reduce` makes of the operands.
template <typename Reduce>
auto product_of_reduced(Reduce reduce) {
  return
      [reduce](std::uint32_t a, std::uint32_t b) { return std::uint64_t{reduce(a)} * reduce(b); };
}

// DRUM, Hashemi, Bahar, Reda, ICCAD 2015: the `bits` bits from the leading one, the lowest set.
std::unique_ptr<const Multiplier> make_drum(ParameterReader& parameters) {
  const int bits = parameters.number("", 3, parameters.width());
  const auto reduce = [bits](std::uint32_t value) {
    const int dropped = std::bit_width(value) - bits;
    return dropped > 0 ? ((value >> dropped) | 1U) << dropped : value;
  };
  return define_multiplier(fmt::format("drum:{}", bits), parameters.width(),
                           product_of_reduced(reduce));
}

// Narayanamoorthy et al., IEEE TVLSI 23(6), 2015: the high or the low `bits` bits, whichever hold
// the leading one.
std::unique_ptr<const Multiplier> make_static(ParameterReader& parameters) {
  const int bits = parameters.number("", parameters.width() / 2, parameters.width() - 1);
  const int dropped = parameters.width() - bits;
  const auto reduce = [bits, dropped](std::uint32_t value) {
    return (value >> bits) != 0 ? value >> dropped << dropped : value;
  };
  return define_multiplier(fmt::format("ssm:{}", bits), parameters.width(),
                           product_of_reduced(reduce));
}

// The same with a third segment in the middle.
std::unique_ptr<const Multiplier> make_enhanced(ParameterReader& parameters) {
  const int bits = parameters.number("", parameters.width() / 2, parameters.width() - 2);
  const int dropped = parameters.width() - bits;
  if (dropped % 2 != 0) parameters.refuse("the middle segment needs an even number of bits cut");
  const auto reduce = [bits, dropped](std::uint32_t value) {
    if ((value >> (bits + dropped / 2)) != 0) return value >> dropped << dropped;
    if ((value >> bits) != 0) return value >> (dropped / 2) << (dropped / 2);
    return value;
  };
  return define_multiplier(fmt::format("essm:{}", bits), parameters.width(),
                           product_of_reduced(reduce));
}

}  // namespace

std::vector<MultiplierFamily> segment_families() {
  return {
      {"drum",
       "drum:K, K bits kept from the leading one, 3..8 (3..16 at 16 bits)",
       "exact product of dynamic segments, lowest kept bit set",
       "Hashemi et al., ICCAD 2015",
       {8, 16},
       {"drum:3", "drum:4", "drum:5", "drum:6"},
       make_drum},
      {"ssm",
       "ssm:M, M-bit segments, 4..7 (8..15 at 16 bits)",
       "exact product of one of two static segments",
       "Narayanamoorthy et al., IEEE TVLSI 23(6), 2015",
       {8, 16},
       {"ssm:4", "ssm:5", "ssm:6"},
       make_static},
      {"essm",
       "essm:M, M-bit segments, 4 or 6 (even, 8..14 at 16 bits)",
       "exact product of one of three static segments",
       "Narayanamoorthy et al., IEEE TVLSI 23(6), 2015",
       {8, 16},
       {"essm:4"},
       make_enhanced},
  };
}

}  // namespace mbm
