#include "cmodel/multiplier/multiplier.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmodel/common/error.hpp"
#include "cmodel/multiplier/logarithm.hpp"

namespace mbm {
namespace {

class ExactMultiplier final : public Multiplier {
 public:
  std::string name() const override { return "exact"; }
  int width() const override { return 8; }
  std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const override {
    return std::uint64_t{a} * b;
  }
};

// Shifts the mantissa `mantissa` (`fraction_bits` bits below its binary point) to the place of
// `characteristic`, dropping what falls below the binary point of the product.
std::uint64_t antilogarithm(std::uint64_t mantissa, int characteristic, int fraction_bits) {
  return (mantissa << characteristic) >> fraction_bits;
}

constexpr int kFractionBits = 7;  // N - 1 at N = 8
constexpr std::uint32_t kOne = 1U << kFractionBits;

// Mitchell, "Computer multiplication and division using binary logarithms", 1962.
class MitchellMultiplier final : public Multiplier {
 public:
  std::string name() const override { return "mitchell"; }
  int width() const override { return 8; }
  std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const override {
    if (a == 0 || b == 0) return 0;
    const Logarithm log_a = mitchell_logarithm(a, kFractionBits);
    const Logarithm log_b = mitchell_logarithm(b, kFractionBits);
    const std::uint32_t sum = log_a.fraction + log_b.fraction;
    const int carry = static_cast<int>(sum >> kFractionBits);
    return antilogarithm(kOne + sum % kOne, log_a.characteristic + log_b.characteristic + carry,
                         kFractionBits);
  }
};

// Saadat, Bokhari, Parameswaran, "Minimally Biased Multipliers for Approximate Integer and
// Floating-Point Multiplication", IEEE TCAD 37(11), 2018, section III and figure 3: Mitchell's
// product with c = 2^-4 + 2^-6 added to its fraction, halved when the fractions carry.
//
// The paper leaves two corner cases partly open. `paper` is the variant that reproduces its printed
// errors; `reference_table` the one of the depth study's published table.
class MinimallyBiasedMultiplier final : public Multiplier {
 public:
  enum class Variant { paper, reference_table };

  explicit MinimallyBiasedMultiplier(Variant variant) : variant_(variant) {}

  std::string name() const override { return variant_ == Variant::paper ? "mbm" : "mbm-ref"; }
  int width() const override { return 8; }

  std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const override {
    if (a == 0 || b == 0) return 0;
    const Logarithm log_a = mitchell_logarithm(a, kFractionBits);
    const Logarithm log_b = mitchell_logarithm(b, kFractionBits);
    const std::uint32_t sum = log_a.fraction + log_b.fraction;
    const bool carry = sum >= kOne;
    const std::uint32_t fraction = sum % kOne;
    const std::uint32_t correction = carry ? kCorrection / 2 : kCorrection;
    const int characteristic = log_a.characteristic + log_b.characteristic;

    if (variant_ == Variant::reference_table) {
      // The table drops the correction near the top of every binade that carries.
      const std::uint32_t corrected = carry && fraction > 118 ? fraction : fraction + correction;
      return antilogarithm(kOne + corrected, characteristic + carry, kFractionBits);
    }
    // Only the very top binade has no room for a corrected fraction that carries again.
    const bool overflows = carry && fraction + correction >= kOne && characteristic == 2 * 7;
    const std::uint64_t mantissa = kOne + (overflows ? fraction : fraction + correction);
    const std::uint64_t product = antilogarithm(mantissa, characteristic + carry, kFractionBits);
    // Small products lose bits of the correction; they are rounded up where the fractions carry.
    const bool lost = carry && ((mantissa << (characteristic + carry)) % kOne) != 0;
    return product + (lost && characteristic < 6 ? 1 : 0);
  }

 private:
  static constexpr std::uint32_t kCorrection = 10;  // (2^-4 + 2^-6) * 128

  Variant variant_;
};

}  // namespace

const std::vector<MultiplierFamily>& multiplier_families() {
  static const std::vector<MultiplierFamily> families = {
      {"exact", "the integer product", "definition"},
      {"mitchell", "logarithmic product without correction", "Mitchell 1962"},
      {"mbm", "minimally biased multiplier as the paper prints its errors",
       "Saadat et al., IEEE TCAD 37(11), 2018, section III"},
      {"mbm-ref", "minimally biased multiplier of the depth study's table", "reference_mbm.csv"},
  };
  return families;
}

std::unique_ptr<const Multiplier> make_multiplier(std::string_view name, int width) {
  if (width != 8)
    fail(ErrorKind::usage, "multiplier '{}': width {} found, 8 expected", name, width);
  using Variant = MinimallyBiasedMultiplier::Variant;
  if (name == "exact") return std::make_unique<ExactMultiplier>();
  if (name == "mitchell") return std::make_unique<MitchellMultiplier>();
  if (name == "mbm") return std::make_unique<MinimallyBiasedMultiplier>(Variant::paper);
  if (name == "mbm-ref") {
    return std::make_unique<MinimallyBiasedMultiplier>(Variant::reference_table);
  }
  std::vector<std::string_view> known;
  for (const MultiplierFamily& family : multiplier_families()) known.push_back(family.name);
  fail(ErrorKind::usage, "unknown multiplier '{}'; expected one of: {}", name,
       fmt::join(known, ", "));
}

}  // namespace mbm
