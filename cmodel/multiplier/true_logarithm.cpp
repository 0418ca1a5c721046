// Operands coded as their true binary logarithm, rounded to W fraction bits (a table at the edge of
// an array, or the requantiser), added, and turned back by a linear antilogarithm, optionally with
// a correction of eight entries.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cmodel/multiplier/defined_multiplier.hpp"
#include "cmodel/multiplier/families.hpp"
#include "cmodel/multiplier/logarithm.hpp"
#include "cmodel/multiplier/parameters.hpp"

namespace mbm {
namespace {

constexpr int kOperands = 256;

// What the linear antilogarithm 1 + f exceeds 2^f by, in 128ths, in each eighth of f.
constexpr std::array<std::uint32_t, 8> kAntilogarithmExcess = {2, 6, 9, 11, 11, 10, 7, 3};

// An entry of the table in units of 2^-bits, to nearest, halves to even.
std::uint32_t rounded_excess(std::uint32_t excess, int bits) {
  return static_cast<std::uint32_t>(std::nearbyint(std::ldexp(excess, bits - 7)));
}

using Codes = std::array<std::uint32_t, kOperands>;

// round(log2(v) * 2^bits) for v = 1..255, at most one below that of 256.
Codes logarithm_codes(int bits) {
  Codes codes{};
  const auto largest = static_cast<std::uint32_t>((8 << bits) - 1);
  for (std::uint32_t value = 1; value < kOperands; ++value) {
    const double code = std::log2(value) * (1 << bits);
    codes[value] = std::min(static_cast<std::uint32_t>(std::lround(code)), largest);
  }
  return codes;
}

struct LinearAntilogarithm {
  Codes codes;
  int bits;

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    return linear_antilogarithm(codes[a] + codes[b], bits);
  }
};

// The correction is rounded to the W bits of the mantissa and left out at f = 0, where the linear
// antilogarithm is exact.
class CorrectedAntilogarithm {
 public:
  CorrectedAntilogarithm(const Codes& codes, int bits) : codes_(codes), bits_(bits) {
    for (std::uint32_t fraction = 1; fraction < 1U << bits; ++fraction) {
      const std::uint32_t eighth = (fraction << 3) >> bits;
      excess_[fraction] = rounded_excess(kAntilogarithmExcess[eighth], bits);
    }
  }

  std::uint64_t operator()(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return 0;
    const std::uint32_t sum = codes_[a] + codes_[b];
    const std::uint32_t one = 1U << bits_;
    const std::uint32_t fraction = sum & (one - 1);
    return antilogarithm(one + fraction - excess_[fraction], static_cast<int>(sum >> bits_), bits_);
  }

 private:
  Codes codes_;
  int bits_;
  std::array<std::uint32_t, 128> excess_{};  // by fraction, in units of 2^-bits
};

template <typename Definition>
std::unique_ptr<const Multiplier> make_logarithm(std::string_view family,
                                                 ParameterReader& parameters) {
  const int bits = parameters.number("w", 1, 7);
  return define_multiplier(fmt::format("{}:w{}", family, bits), parameters.width(),
                           Definition{logarithm_codes(bits), bits});
}

std::unique_ptr<const Multiplier> make_linear(ParameterReader& parameters) {
  return make_logarithm<LinearAntilogarithm>("log2", parameters);
}

std::unique_ptr<const Multiplier> make_corrected(ParameterReader& parameters) {
  return make_logarithm<CorrectedAntilogarithm>("log2-corrected", parameters);
}

}  // namespace

std::vector<MultiplierFamily> true_logarithm_families() {
  return {
      {"log2",
       "log2:wW, W fraction bits, 1..7",
       "true base-2 logarithms rounded to W fraction bits, linear antilogarithm",
       "this project",
       {8},
       {"log2:w7", "log2:w6", "log2:w5", "log2:w4", "log2:w3"},
       make_linear},
      {"log2-corrected",
       "log2-corrected:wW, W fraction bits, 1..7",
       "true base-2 logarithms rounded to W fraction bits, antilogarithm corrected by 8 entries",
       "this project",
       {8},
       {"log2-corrected:w7", "log2-corrected:w5"},
       make_corrected},
  };
}

}  // namespace mbm
