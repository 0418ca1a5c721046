// A multiplier as a definition: a family and its parameters, given by name.
//
// Operands are unsigned `width`-bit magnitudes; signed operands are handled by sign and magnitude
// outside (see ProductTable::signed_product).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mbm {

class Multiplier {
 public:
  virtual ~Multiplier() = default;

  // Canonical name: family and parameters, for example "mbm" or "mitchell".
  virtual std::string name() const = 0;

  // Operand width in bits.
  virtual int width() const = 0;

  // Product of two unsigned operands, each below 2^width().
  virtual std::uint64_t multiply(std::uint32_t a, std::uint32_t b) const = 0;
};

// What `mbm multiplier list` shows of a family.
struct MultiplierFamily {
  std::string_view name;
  std::string_view description;
  std::string_view source;  // paper and equation, or the table it agrees with
};

// All families in the order they are listed.
const std::vector<MultiplierFamily>& multiplier_families();

// The multiplier called `name` for operands of `width` bits. Throws Error(usage) that names the
// known families if there is no such multiplier.
std::unique_ptr<const Multiplier> make_multiplier(std::string_view name, int width = 8);

}  // namespace mbm
