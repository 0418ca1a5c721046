// A multiplier as a definition: a family and its parameters, given by name, for example "mbm",
// "drum:6" or "realm:8:t1".
//
// Operands are unsigned `width`-bit magnitudes; signed operands are handled by sign and magnitude
// outside (see ProductTable::signed_product).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbm {

class ParameterReader;

class Multiplier {
 public:
  virtual ~Multiplier() = default;

  // Canonical name: family and parameters, defaults left out, for example "mbm" or "mitchell:w5".
  virtual std::string name() const = 0;

  // Operand width in bits.
  virtual int width() const = 0;

  // Product of two unsigned operands, each below 2^width(); below 2^(2 * width()).
  virtual std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const = 0;

  // All products of one `a`: products[b] for b = 0..2^width()-1. What exhaustive loops call,
  // because its inner loop makes no virtual call.
  virtual void multiply_row(std::uint32_t a, std::span<std::uint32_t> products) const = 0;
};

// A family: how its members are named, what they are, and how one is made.
struct MultiplierFamily {
  std::string_view name;
  std::string_view syntax;  // how a member is written, for example "drum:K, K = 3..8"
  std::string_view description;
  std::string_view source;           // paper, or the table it agrees with
  std::vector<int> widths;           // operand widths it is defined for, in bits
  std::vector<std::string> members;  // the 8-bit members that tables and comparisons show
  std::unique_ptr<const Multiplier> (*make)(ParameterReader& parameters);
};

// All families in the order they are listed.
const std::vector<MultiplierFamily>& multiplier_families();

// The multiplier called `name` for operands of `width` bits. Throws Error(usage) that names the
// known families, the parameters of the family, or the widths it is defined for.
std::unique_ptr<const Multiplier> make_multiplier(std::string_view name, int width = 8);

}  // namespace mbm
