// All products of an 8-bit multiplier: what every fast kernel, memory image and netlist is derived
// from and checked against.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cmodel/multiplier/multiplier.hpp"

namespace mbm {

class ProductTable {
 public:
  static constexpr int kOperandBits = 8;
  static constexpr std::size_t kOperands = 256;
  static constexpr std::size_t kEntries = kOperands * kOperands;

  // Tabulates an 8-bit multiplier. Throws Error(input) if a product exceeds 16 bits.
  explicit ProductTable(const Multiplier& multiplier);

  // A table of the user: 65,536 products, index a * 256 + b. Throws Error(input) on another count.
  ProductTable(std::string name, std::span<const std::uint16_t> products);

  const std::string& name() const { return name_; }

  // Product of two magnitudes, 0..255; `a` is the weight and `b` the activation wherever a table
  // that is not symmetric meets a convolution.
  std::uint16_t operator()(std::size_t a, std::size_t b) const {
    return (*products_)[a * kOperands + b];
  }

  // Product of two signed operands in -255..255 by sign and magnitude; the sign of zero is plus.
  std::int32_t signed_product(int a, int b) const {
    const std::int32_t magnitude =
        (*this)(static_cast<std::size_t>(a < 0 ? -a : a), static_cast<std::size_t>(b < 0 ? -b : b));
    return (a < 0) != (b < 0) ? -magnitude : magnitude;
  }

  // The 256 products of weight magnitude `a`.
  std::span<const std::uint16_t, kOperands> row(std::size_t a) const {
    return std::span<const std::uint16_t, kOperands>(products_->data() + a * kOperands, kOperands);
  }

  std::span<const std::uint16_t, kEntries> products() const {
    return std::span<const std::uint16_t, kEntries>(*products_);
  }

  // True if every product with a zero operand is zero. A table where it is not adds a constant for
  // every padded or zero activation and must be flagged wherever it is used.
  bool zero_annihilates() const;

  // The largest product.
  std::uint16_t maximum() const;

 private:
  std::string name_;
  std::shared_ptr<const std::array<std::uint16_t, kEntries>>
      products_;  // shared: tables are copied
};

// The table of the 8-bit multiplier called `name` (see make_multiplier).
ProductTable make_product_table(std::string_view name);

}  // namespace mbm
