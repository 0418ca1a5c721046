// The look-up kernel in plain C++: for processors without the vector instructions of the others.
#include <algorithm>
#include <cstring>

#include "cmodel/convolution/lookup_kernel.hpp"

namespace mbm {
namespace {

int convert(const std::int16_t* source, std::int64_t count, const ActivationWindow& /*window*/,
            std::uint8_t* magnitudes, std::int8_t* signs, std::uint16_t* /*outside*/) {
  for (std::int64_t i = 0; i < count; ++i) {
    const int code = source[i];
    magnitudes[i] = static_cast<std::uint8_t>(code < 0 ? -code : code);
    if (signs != nullptr) signs[i] = code < 0 ? -1 : 1;
  }
  return 0;
}

AlignedVector<std::uint8_t> make_table(const ProductTable& table,
                                       const ActivationWindow& /*window*/) {
  AlignedVector<std::uint8_t> image(ProductTable::kEntries * sizeof(std::uint16_t));
  std::memcpy(image.data(), table.products().data(), image.size());
  return image;
}

template <bool kSubtract>
void add_row(const BlockProduct& product, WeightEntry entry, std::int32_t* sums) {
  const int pixels = product.activations.pixels;
  const std::size_t row =
      activation_row(entry) * static_cast<std::size_t>(product.activations.row_stride);
  const std::uint8_t* magnitudes = product.activations.magnitudes + row;
  const auto* products = reinterpret_cast<const std::uint16_t*>(product.table) +
                         magnitude(entry) * ProductTable::kOperands;
  if (product.activations.signs == nullptr) {
    for (int i = 0; i < pixels; ++i) {
      const std::int32_t value = products[magnitudes[i]];
      sums[i] += kSubtract ? -value : value;
    }
    return;
  }
  const std::int8_t* signs = product.activations.signs + row;
  for (int i = 0; i < pixels; ++i) {
    const std::int32_t value = products[magnitudes[i]] * signs[i];
    sums[i] += kSubtract ? -value : value;
  }
}

void accumulate(const BlockProduct& product) {
  std::int32_t* sums = product.sums;
  clear_if_overwritten(product);
  for (std::int64_t channel = product.first_channel; channel < product.last_channel; ++channel) {
    const WeightBlock weights = product.channel_weights(channel);
    for (const WeightEntry entry : weights.positive) add_row<false>(product, entry, sums);
    for (const WeightEntry entry : weights.negative) add_row<true>(product, entry, sums);
    sums += product.activations.pixels;
  }
}

void restore(const std::int32_t* sums, int pixels, std::int32_t offset, std::int32_t* out) {
  for (int i = 0; i < pixels; ++i) out[i] = sums[i] + offset;
}

}  // namespace

LookupKernel scalar_lookup_kernel() {
  return {kBlockLength, true, false, 0, convert, make_table, accumulate, restore};
}

}  // namespace mbm
