// Saadat, Bokhari, Parameswaran, "Minimally Biased Multipliers for Approximate Integer and
// Floating-Point Multiplication", IEEE TCAD 37(11):2623-2635, 2018, section III, figure 3, table I:
// Mitchell's product with c = 2^-4 + 2^-6 added to its fraction, halved when the fractions carry.
//
// The paper leaves two corner cases partly open: what happens where the corrected fraction carries
// once more, and whether correction bits that fall below the product are rounded. `mbm` is the
// variant that reproduces the paper's printed errors, `mbm-ref` the one of the depth study's
// published table, `mbm-skip` the simplest one.
#include <fmt/format.h>

#include <algorithm>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

constexpr int kPaperConstant = 10;  // c in 128ths
constexpr int kSmallProduct = 6;    // sum of characteristics below which correction bits are lost

// A constant in 128ths as a fraction of the format, floor.
std::uint32_t constant_in(const FractionFormat& format, int constant) {
  return (static_cast<std::uint32_t>(constant) << (format.full_bits - 7)) >> format.dropped;
}

enum class Variant { paper, reference_table, skip };

template <Variant kVariant>
struct MinimallyBiased {
  FractionFormat format;
  std::uint32_t constant;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const Logarithm log_a = format.logarithm(a);
    const Logarithm log_b = format.logarithm(b);
    const int bits = format.bits();
    const std::uint32_t one = format.one();
    const std::uint32_t sum = log_a.fraction + log_b.fraction;
    const int carry = static_cast<int>(sum >> bits);
    const std::uint32_t fraction = sum & (one - 1);
    const std::uint32_t corrected = fraction + (constant >> carry);
    const int characteristics = log_a.characteristic + log_b.characteristic;

    const bool skipped = carry != 0 && skips(fraction, corrected, characteristics);
    const std::uint64_t shifted = std::uint64_t{one + (skipped ? fraction : corrected)}
                                  << (characteristics + carry);
    std::uint64_t product = shifted >> bits;
    if constexpr (kVariant == Variant::paper) {
      const bool lost = carry != 0 && (shifted & (one - 1)) != 0;
      product += lost && characteristics < kSmallProduct ? 1 : 0;
    }
    return product;
  }

 private:
  // Whether a product whose fractions carry stays uncorrected.
  bool skips(std::uint32_t fraction, std::uint32_t corrected, int characteristics) const {
    if constexpr (kVariant == Variant::reference_table) return fraction > 118;
    const bool overflows = corrected >= format.one();
    // Only the very top binade has no room for a corrected fraction that carries again.
    if constexpr (kVariant == Variant::paper) {
      return overflows && characteristics == 2 * format.full_bits;
    }
    return overflows;
  }
};

// The bits dropped of both fractions. The paper allows N - 1 - 7; at 8 bits, where that is none,
// the variants are continued to 5.
int read_dropped(ParameterReader& parameters) {
  const int highest = parameters.width() == 8 ? 5 : parameters.width() - 8;
  return parameters.number_or("t", 0, highest, 0);
}

std::string suffix(int dropped) {
  return dropped == 0 ? "" : fmt::format(":t{}", dropped);
}

std::unique_ptr<const Multiplier> make_paper(ParameterReader& parameters) {
  const int dropped = read_dropped(parameters);
  const FractionFormat format{parameters.width() - 1, dropped, dropped > 0};
  return define_multiplier(
      "mbm" + suffix(dropped), parameters.width(),
      MinimallyBiased<Variant::paper>{format, constant_in(format, kPaperConstant)});
}

std::unique_ptr<const Multiplier> make_reference(ParameterReader& parameters) {
  const FractionFormat format{parameters.width() - 1};
  return define_multiplier(
      "mbm-ref", parameters.width(),
      MinimallyBiased<Variant::reference_table>{format, constant_in(format, kPaperConstant)});
}

std::unique_ptr<const Multiplier> make_skip(ParameterReader& parameters) {
  const int dropped = read_dropped(parameters);
  const int constant = parameters.number_or("c", 0, 16, kPaperConstant);
  const FractionFormat format{parameters.width() - 1, dropped, dropped > 0};
  std::string name = "mbm-skip" + suffix(dropped);
  if (constant != kPaperConstant) name += fmt::format(":c{}", constant);
  return define_multiplier(name, parameters.width(),
                           MinimallyBiased<Variant::skip>{format, constant_in(format, constant)});
}

// The constant added to the sum of the logarithms, so that it can sit in one operand's logarithm at
// the edge of an array; whether the fractions carry is decided afterwards. The constant keeps its
// N - 1 bits when the operands' fractions are truncated. The largest products saturate.
struct Folded {
  FractionFormat format;
  std::uint32_t constant;  // in units of the full fraction

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const std::uint64_t sum = (format.sum_of_logarithms(a, b) << format.dropped) + constant;
    const std::uint64_t largest = (std::uint64_t{1} << (2 * (format.full_bits + 1))) - 1;
    return std::min(linear_antilogarithm(sum, format.full_bits), largest);
  }
};

std::unique_ptr<const Multiplier> make_folded(ParameterReader& parameters) {
  const int dropped = read_dropped(parameters);
  const int constant = parameters.number_or("", 0, 16, 7);
  const FractionFormat format{parameters.width() - 1, dropped, dropped > 0};
  return define_multiplier(fmt::format("mbm-folded:{}{}", constant, suffix(dropped)),
                           parameters.width(),
                           Folded{format, constant_in({format.full_bits}, constant)});
}

}  // namespace

std::vector<MultiplierFamily> minimally_biased_families() {
  const std::string_view source = "Saadat et al., IEEE TCAD 37(11), 2018, section III";
  return {
      {"mbm",
       "mbm[:tT], T fraction bits dropped, 0..5 (0..8 at 16 bits)",
       "minimally biased multiplier as the paper prints its errors",
       source,
       {8, 16},
       {"mbm", "mbm:t1", "mbm:t2", "mbm:t3"},
       make_paper},
      {"mbm-ref",
       "mbm-ref",
       "minimally biased multiplier of the depth study's table",
       "reference_mbm.csv",
       {8},
       {"mbm-ref"},
       make_reference},
      {"mbm-skip",
       "mbm-skip[:tT][:cC], T fraction bits dropped, 0..5; constant C/128, 0..16",
       "minimally biased multiplier, uncorrected wherever the corrected fraction carries, floor",
       source,
       {8, 16},
       {"mbm-skip", "mbm-skip:t1", "mbm-skip:t2", "mbm-skip:t3", "mbm-skip:t4", "mbm-skip:t5",
        "mbm-skip:c8", "mbm-skip:c9", "mbm-skip:c11"},
       make_skip},
      {"mbm-folded",
       "mbm-folded[:C][:tT], constant C/128, 0..16; T fraction bits dropped, 0..5",
       "minimally biased multiplier with its constant in one operand's logarithm",
       "this project, after Saadat et al. 2018",
       {8, 16},
       {"mbm-folded:6", "mbm-folded:7", "mbm-folded:8", "mbm-folded:4:t2", "mbm-folded:4:t3"},
       make_folded},
  };
}

}  // namespace mbm
