// Mitchell, "Computer multiplication and division using binary logarithms", IRE Trans. EC-11, 1962:
// the product is the antilogarithm of the sum of the operands' logarithms, both linear between
// powers of two.
#include <fmt/format.h>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

struct Mitchell {
  FractionFormat format;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    return linear_antilogarithm(format.sum_of_logarithms(a, b), format.bits());
  }
};

std::unique_ptr<const Multiplier> make_mitchell(ParameterReader& parameters) {
  const int full_bits = parameters.width() - 1;
  const int bits = parameters.number_or("w", 1, full_bits, full_bits);
  const bool set_lowest = parameters.word("set") && bits < full_bits;
  std::string name = "mitchell";
  if (bits < full_bits) name += fmt::format(":w{}", bits);
  if (set_lowest) name += ":set";
  return define_multiplier(name, parameters.width(),
                           Mitchell{{full_bits, full_bits - bits, set_lowest}});
}

}  // namespace

std::vector<MultiplierFamily> mitchell_families() {
  return {{"mitchell",
           "mitchell[:wW][:set], W fraction bits, 1..7 (15 at 16 bits); set: the lowest kept bit "
           "of a truncated fraction is 1",
           "logarithmic product without correction",
           "Mitchell, IRE Trans. EC-11, 1962",
           {8, 16},
           {"mitchell", "mitchell:w5", "mitchell:w4", "mitchell:w3", "mitchell:w6:set",
            "mitchell:w5:set", "mitchell:w4:set"},
           make_mitchell}};
}

}  // namespace mbm
