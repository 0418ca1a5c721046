// Activations as indices of one byte, with their signs.
//
// A code c of a window first..last has the index c - first. The table that a kernel reads holds the
// signed products of a window plus `bias`, so that none is negative: signs of activations cost
// nothing, and a sum of products is off by bias times (positive weights - negative ones), which is
// known beforehand. Codes outside the window are taken for 0 and made up for one by one
// (outlier_products.hpp), so that the window need only hold the activations that are frequent.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/multiplier/product_table.hpp"

namespace mbm {

struct ActivationWindow {
  int first = 0;          // at most 0
  int last = 255;         // at least 0, unless no window is possible
  std::int32_t bias = 0;  // added to the products

  bool holds(const OperandRange& range) const {
    return first <= range.smallest && range.largest <= last;
  }
  std::uint8_t index_of_zero() const { return static_cast<std::uint8_t>(-first); }
};

// The largest product of each magnitude of activations with the first `weights` magnitudes of
// weights.
std::array<std::uint16_t, ProductTable::kOperands> largest_products(
    const ProductTable& table, std::size_t weights = ProductTable::kOperands);

// The window of at most `size` codes from `first` (-255..0) whose products and bias fit in 16 bits;
// `last` is negative if there is none.
ActivationWindow make_window(
    const std::array<std::uint16_t, ProductTable::kOperands>& largest_products, int first,
    int size);

// How often each code occurs, by a sample.
class ActivationSample {
 public:
  explicit ActivationSample(std::span<const std::int16_t> codes);

  // The share of codes outside `window`.
  double share_outside(const ActivationWindow& window) const;

  // The share of codes that are 0.
  double share_of_zeros() const { return 1.0 - share_outside({0, 0, 0}); }

 private:
  static constexpr int kLargest = 255;

  std::array<std::int64_t, 2 * kLargest + 2> below_{};  // [i]: codes less than i - kLargest
};

// Signed products plus the bias of each weight magnitude, by index: rows of `size` low bytes, then
// `size` high bytes. Indices that stand for no code hold anything.
AlignedVector<std::uint8_t> make_planes(const ProductTable& table, const ActivationWindow& window,
                                        int size);

}  // namespace mbm
