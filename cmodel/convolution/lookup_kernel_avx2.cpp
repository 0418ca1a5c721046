// The look-up kernel of AVX2, which has no fast look-up: rows are expanded instead.
//
// For one activation row and 32 pixels the products with every weight magnitude are laid out once,
// by transposing 16 x 16 pieces of rows of the transposed table; each weight is then one load of 32
// products. Products are summed in 16-bit lanes: `total` whole, modulo 2^16, and `high` their upper
// bytes, from which the lower bytes follow; at most 128 of them, which fits in 16 bits with sign.
// The product p of a negative activation is laid out as 65535 - p and the count of such products,
// with the weights' signs, is summed beside: -p = (65535 - p) - 65535.
#include <immintrin.h>

#include <algorithm>
#include <cstdlib>

#include "cmodel/convolution/lookup_kernel.hpp"

#define MBM_TARGET [[gnu::target("avx2")]]
#define MBM_TARGET_INLINE MBM_TARGET [[gnu::always_inline]] inline

namespace mbm {
namespace {

constexpr int kBlock = 32;   // activation rows that are expanded at once
constexpr int kPixels = 32;  // of one expansion
constexpr std::size_t kMagnitudes = ProductTable::kOperands;
constexpr std::size_t kExpandedRow = kMagnitudes * kPixels;  // products of one activation row

using Half = __m256i[16];  // 16 vectors of 16 products

MBM_TARGET_INLINE __m256i load(const void* address) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(address));
}

MBM_TARGET_INLINE void store(void* address, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(address), value);
}

// Products of 16 pixels, whose rows of the transposed table begin at `rows`, with the 16 magnitudes
// from `first`: out[magnitude * kPixels + pixel].
MBM_TARGET_INLINE void transpose(const std::uint16_t* const* rows, std::size_t first, __m256i flip,
                                 std::uint16_t* out) {
  // Lane 0 of in[i] holds 8 magnitudes of pixel i, lane 1 the same of pixel i + 8; then the
  // other 8.
#pragma GCC unroll 2
  for (std::size_t half = 0; half < 16; half += 8) {
    __m256i in[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      const auto* low = reinterpret_cast<const __m128i*>(rows[i] + first + half);
      const auto* high = reinterpret_cast<const __m128i*>(rows[i + 8] + first + half);
      in[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                      _mm_loadu_si128(high), 1);
    }
    __m256i words[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      words[i] = _mm256_unpacklo_epi16(in[2 * i], in[2 * i + 1]);
      words[i + 4] = _mm256_unpackhi_epi16(in[2 * i], in[2 * i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const __m256i low0 = _mm256_unpacklo_epi32(words[4 * i], words[4 * i + 1]);
      const __m256i high0 = _mm256_unpackhi_epi32(words[4 * i], words[4 * i + 1]);
      const __m256i low1 = _mm256_unpacklo_epi32(words[4 * i + 2], words[4 * i + 3]);
      const __m256i high1 = _mm256_unpackhi_epi32(words[4 * i + 2], words[4 * i + 3]);
      const __m256i result[4] = {
          _mm256_unpacklo_epi64(low0, low1), _mm256_unpackhi_epi64(low0, low1),
          _mm256_unpacklo_epi64(high0, high1), _mm256_unpackhi_epi64(high0, high1)};
#pragma GCC unroll 4
      for (std::size_t j = 0; j < 4; ++j) {
        const std::size_t magnitude = first + half + 4 * static_cast<std::size_t>(i) + j;
        store(out + magnitude * kPixels, _mm256_xor_si256(result[j], flip));
      }
    }
  }
}

// Signs as 16-bit masks: all ones where the activation is negative.
MBM_TARGET_INLINE __m256i negative_mask(const std::int8_t* signs) {
  const auto* bytes = reinterpret_cast<const __m128i*>(signs);
  return _mm256_srai_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128(bytes)), 15);
}

struct Expansion {
  AlignedVector<std::uint16_t> products;   // (row, magnitude, pixel)
  AlignedVector<std::uint16_t> negatives;  // (row, pixel): masks
};

// Lays out the products of 32 pixels from `pixel` with magnitudes 0..largest.
template <bool kSigned>
MBM_TARGET void expand(const BlockProduct& product, int pixel, std::size_t largest,
                       Expansion& expansion) {
  const auto* table = reinterpret_cast<const std::uint16_t*>(product.table);
  const ActivationBlock& block = product.activations;
  for (int row = 0; row < block.length; ++row) {
    for (int part = 0; part < kPixels; part += 16) {
      const std::size_t offset = static_cast<std::size_t>(row * block.pixels + pixel + part);
      const std::uint16_t* rows[16];
      for (std::size_t i = 0; i < 16; ++i) {
        rows[i] = table + block.magnitudes[offset + i] * kMagnitudes;
      }
      __m256i flip = _mm256_setzero_si256();
      if constexpr (kSigned) {
        flip = negative_mask(block.signs + offset);
        store(expansion.negatives.data() + row * kPixels + part, flip);
      }
      std::uint16_t* out =
          expansion.products.data() + static_cast<std::size_t>(row) * kExpandedRow + part;
      for (std::size_t first = 0; first <= largest; first += 16) transpose(rows, first, flip, out);
    }
  }
}

// 16-bit sums of 16 pixels.
struct PixelSums {
  __m256i total;
  __m256i high;
  __m256i negatives;  // minus the count of products of negative activations
};

template <bool kSubtract>
MBM_TARGET_INLINE __m256i add_or_subtract(__m256i sum, __m256i value) {
  return kSubtract ? _mm256_sub_epi16(sum, value) : _mm256_add_epi16(sum, value);
}

template <bool kSigned, bool kSubtract>
MBM_TARGET_INLINE void add_products(const Expansion& expansion,
                                    std::span<const WeightEntry> weights, PixelSums (&sums)[2]) {
  for (const WeightEntry entry : weights) {
    // activation row * 256 + magnitude, which is the entry itself
    const std::uint16_t* products = expansion.products.data() + std::size_t{entry} * kPixels;
    const std::uint16_t* masks =
        expansion.negatives.data() + std::size_t{activation_row(entry)} * kPixels;
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const __m256i values = load(products + 16 * i);
      sums[i].total = add_or_subtract<kSubtract>(sums[i].total, values);
      sums[i].high = add_or_subtract<kSubtract>(sums[i].high, _mm256_srli_epi16(values, 8));
      if constexpr (kSigned) {
        sums[i].negatives = add_or_subtract<kSubtract>(sums[i].negatives, load(masks + 16 * i));
      }
    }
  }
}

// out[0..15] += the sums, in an order that `restore` undoes.
template <bool kSigned>
MBM_TARGET_INLINE void flush(const PixelSums& sums, std::int32_t* out) {
  const __m256i low = _mm256_sub_epi16(sums.total, _mm256_slli_epi16(sums.high, 8));
  const __m256i scale = _mm256_set1_epi32(256 << 16 | 1);
  const __m256i zero = _mm256_setzero_si256();
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m256i pairs =
        i == 0 ? _mm256_unpacklo_epi16(low, sums.high) : _mm256_unpackhi_epi16(low, sums.high);
    __m256i sum = _mm256_add_epi32(load(out + 8 * i), _mm256_madd_epi16(pairs, scale));
    if constexpr (kSigned) {
      // -65535 * count = negatives * 65536 - negatives
      const __m256i upper = i == 0 ? _mm256_unpacklo_epi16(zero, sums.negatives)
                                   : _mm256_unpackhi_epi16(zero, sums.negatives);
      sum = _mm256_sub_epi32(_mm256_add_epi32(sum, upper), _mm256_srai_epi32(upper, 16));
    }
    store(out + 8 * i, sum);
  }
}

template <bool kSigned>
MBM_TARGET void accumulate_pixels(const BlockProduct& product, int pixel,
                                  const Expansion& expansion) {
  std::int32_t* out = product.sums + pixel;
  for (std::int64_t channel = product.first_channel; channel < product.last_channel; ++channel) {
    const WeightBlock weights = product.channel_weights(channel);
    const __m256i zero = _mm256_setzero_si256();
    PixelSums sums[2] = {{zero, zero, zero}, {zero, zero, zero}};
    add_products<kSigned, false>(expansion, weights.positive, sums);
    add_products<kSigned, true>(expansion, weights.negative, sums);
    flush<kSigned>(sums[0], out);
    flush<kSigned>(sums[1], out + 16);
    out += product.activations.pixels;
  }
}

template <bool kSigned>
void accumulate_all(const BlockProduct& product) {
  thread_local Expansion expansion;
  expansion.products.resize(kBlock * kExpandedRow);
  expansion.negatives.resize(std::size_t{kBlock} * kPixels);
  const std::size_t largest = product.weights->largest_magnitude();
  for (int pixel = 0; pixel < product.activations.pixels; pixel += kPixels) {
    expand<kSigned>(product, pixel, largest, expansion);
    accumulate_pixels<kSigned>(product, pixel, expansion);
  }
}

void accumulate(const BlockProduct& product) {
  clear_if_overwritten(product);
  if (product.activations.signs != nullptr) {
    accumulate_all<true>(product);
  } else {
    accumulate_all<false>(product);
  }
}

MBM_TARGET int convert(const std::int16_t* source, std::int64_t count,
                       const ActivationWindow& /*window*/, std::uint8_t* magnitudes,
                       std::int8_t* signs, std::uint16_t* /*outside*/) {
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256i codes = load(source + i);
    const __m256i bytes = _mm256_permute4x64_epi64(
        _mm256_packus_epi16(_mm256_abs_epi16(codes), codes), 0b11'01'10'00);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(magnitudes + i), _mm256_castsi256_si128(bytes));
    if (signs == nullptr) continue;
    const __m256i ones = _mm256_or_si256(_mm256_srai_epi16(codes, 15), _mm256_set1_epi16(1));
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(ones, ones), 0b11'01'10'00);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(signs + i), _mm256_castsi256_si128(packed));
  }
  for (; i < count; ++i) {
    magnitudes[i] = static_cast<std::uint8_t>(std::abs(source[i]));
    if (signs != nullptr) signs[i] = source[i] < 0 ? -1 : 1;
  }
  return 0;
}

// The transposed table: row b holds the products of activation magnitude b.
AlignedVector<std::uint8_t> make_table(const ProductTable& table,
                                       const ActivationWindow& /*window*/) {
  AlignedVector<std::uint8_t> image(ProductTable::kEntries * sizeof(std::uint16_t));
  auto* transposed = reinterpret_cast<std::uint16_t*>(image.data());
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    const auto row = table.row(a);
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      transposed[b * kMagnitudes + a] = row[b];
    }
  }
  return image;
}

// `flush` leaves, of 16 pixels, 0-3 and 8-11 in its first register, 4-7 and 12-15 in its second.
MBM_TARGET void restore(const std::int32_t* sums, int pixels, std::int32_t offset,
                        std::int32_t* out) {
  const __m256i offsets = _mm256_set1_epi32(offset);
  for (int i = 0; i < pixels; i += 16) {
    const __m256i a = _mm256_add_epi32(load(sums + i), offsets);
    const __m256i b = _mm256_add_epi32(load(sums + i + 8), offsets);
    store(out + i, _mm256_permute2x128_si256(a, b, 0x20));
    store(out + i + 8, _mm256_permute2x128_si256(a, b, 0x31));
  }
}

}  // namespace

LookupKernel avx2_lookup_kernel() {
  return {kBlock, false, false, 0, convert, make_table, accumulate, restore};
}

}  // namespace mbm
