#include "cmodel/convolution/activation_window.hpp"

#include <algorithm>
#include <cstdlib>

namespace mbm {

std::array<std::uint16_t, ProductTable::kOperands> largest_products(const ProductTable& table,
                                                                    std::size_t weights) {
  std::array<std::uint16_t, ProductTable::kOperands> largest{};
  for (std::size_t weight = 0; weight < weights; ++weight) {
    const auto row = table.row(weight);
    for (std::size_t i = 0; i < row.size(); ++i) largest[i] = std::max(largest[i], row[i]);
  }
  return largest;
}

ActivationWindow make_window(
    const std::array<std::uint16_t, ProductTable::kOperands>& largest_products, int first,
    int size) {
  constexpr int kLargestEntry = 65535;
  ActivationWindow window{first, -1, 0};
  for (int code = first; code < 0; ++code) {
    window.bias =
        std::max<std::int32_t>(window.bias, largest_products[static_cast<std::size_t>(-code)]);
  }
  const int end = std::min(first + size, static_cast<int>(ProductTable::kOperands));
  for (int code = 0; code < end; ++code) {
    if (largest_products[static_cast<std::size_t>(code)] + window.bias > kLargestEntry) break;
    window.last = code;
  }
  return window;
}

ActivationSample::ActivationSample(std::span<const std::int16_t> codes) {
  constexpr std::size_t kCodes = 16384;
  const std::size_t step = codes.size() / kCodes | 1;  // odd: not every second column
  for (std::size_t i = 0; i < codes.size(); i += step) {
    ++below_[static_cast<std::size_t>(codes[i] + kLargest + 1)];
  }
  for (std::size_t i = 1; i < below_.size(); ++i) below_[i] += below_[i - 1];
}

double ActivationSample::share_outside(const ActivationWindow& window) const {
  const std::int64_t inside = below_[static_cast<std::size_t>(window.last + kLargest + 1)] -
                              below_[static_cast<std::size_t>(window.first + kLargest)];
  return 1.0 - static_cast<double>(inside) /
                   static_cast<double>(std::max<std::int64_t>(below_.back(), 1));
}

AlignedVector<std::uint8_t> make_planes(const ProductTable& table, const ActivationWindow& window,
                                        int size) {
  const auto bytes = static_cast<std::size_t>(size);
  AlignedVector<std::uint8_t> image(ProductTable::kOperands * 2 * bytes);
  for (std::size_t row = 0; row < ProductTable::kOperands; ++row) {
    const auto products = table.row(row);
    for (int code = window.first; code <= window.last; ++code) {
      const std::int32_t product = products[static_cast<std::size_t>(std::abs(code))];
      const std::int32_t entry = (code < 0 ? -product : product) + window.bias;
      std::uint8_t* target = image.data() + row * 2 * bytes + (code - window.first);
      target[0] = static_cast<std::uint8_t>(entry & 0xFF);
      target[bytes] = static_cast<std::uint8_t>(entry >> 8);
    }
  }
  return image;
}

}  // namespace mbm
