// The look-up kernel of AVX-512 with VBMI: 64 pixels at a time, a row of the table in registers.
//
// A row of 256 products is held as two planes of bytes, low and high, of four registers each;
// vpermi2b looks 64 indices up in 128 entries. The masked form keeps the index where the mask is
// clear, so that two look-ups, each under its half of the indices' upper bit, need no blend. Bytes
// are summed as pairs in 16-bit lanes: without signs, `total` sums whole lanes modulo 2^16 and
// `odd` their upper bytes, from which the even bytes follow; with signs, vpmaddubsw multiplies
// bytes by +1 or -1, once with the odd and once with the even signs cleared. At most 128 bytes are
// summed, which fits in 16 bits with sign.

#include <algorithm>
#include <cstdlib>

#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/vbmi_plane.hpp"

namespace mbm {
namespace {

constexpr int kLargestCount = kLargestTile / kPixelStep;

// Without signs: sums of whole 16-bit lanes and of their upper bytes. With signs: sums of the even
// and of the odd bytes.
struct PlaneSums {
  __m512i first;
  __m512i second;
};

template <int kCount>
struct Sums {
  PlaneSums low[kCount];
  PlaneSums high[kCount];
};

// In assembly where look-ups are of 7 bits, since GCC otherwise keeps old and new sums at once and
// copies or spills them; with 8 bits, where the shuffle pipes bind, its own order is the faster
// one.
template <bool kSevenBit, bool kSubtract>
MBM_TARGET_INLINE void add_or_subtract(__m512i& sum, __m512i value) {
  if constexpr (!kSevenBit) {
    sum = kSubtract ? _mm512_sub_epi16(sum, value) : _mm512_add_epi16(sum, value);
  } else if constexpr (kSubtract) {
    asm("vpsubw %1, %0, %0" : "+v"(sum) : "v"(value));
  } else {
    asm("vpaddw %1, %0, %0" : "+v"(sum) : "v"(value));
  }
}

// 64 activations, kept in a register: GCC would load them again for each look-up, and loads bind
// where the look-ups are of 7 bits.
MBM_TARGET_INLINE __m512i load_indices(const std::uint8_t* magnitudes) {
  __m512i indices = _mm512_loadu_si512(magnitudes);
  asm("" : "+v"(indices));
  return indices;
}

template <bool kSevenBit, bool kSubtract>
MBM_TARGET_INLINE void add_bytes(PlaneSums& sums, __m512i bytes) {
  add_or_subtract<kSevenBit, kSubtract>(sums.first, bytes);
  add_or_subtract<kSevenBit, kSubtract>(sums.second, _mm512_srli_epi16(bytes, 8));
}

template <bool kSubtract>
MBM_TARGET_INLINE void add_signed_bytes(PlaneSums& sums, __m512i bytes, __m512i even, __m512i odd) {
  add_or_subtract<false, kSubtract>(sums.first, _mm512_maddubs_epi16(bytes, even));
  add_or_subtract<false, kSubtract>(sums.second, _mm512_maddubs_epi16(bytes, odd));
}

// Adds or subtracts the products of some weights with all pixels of the tile.
template <int kCount, bool kSevenBit, bool kSigned, bool kSubtract>
MBM_TARGET_INLINE void add_products(const BlockProduct& product,
                                    std::span<const WeightEntry> weights, Sums<kCount>& sums) {
  const __m512i even_bytes = _mm512_set1_epi16(0x00FF);
  const auto stride = static_cast<std::size_t>(product.activations.row_stride);
  for (const WeightEntry entry : weights) {
    const std::uint8_t* row = product.table + magnitude(entry) * kRow<kSevenBit>;
    const std::size_t offset = activation_row(entry) * stride;
    const std::uint8_t* magnitudes = product.activations.magnitudes + offset;
    const Plane<kSevenBit> low = load_plane<kSevenBit>(row);
    const Plane<kSevenBit> high = load_plane<kSevenBit>(row + kPlane<kSevenBit>);
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      const __m512i index = kSevenBit ? load_indices(magnitudes + i * kPixelStep)
                                      : _mm512_loadu_si512(magnitudes + i * kPixelStep);
      const __mmask64 upper = kSevenBit ? 0 : _mm512_movepi8_mask(index);
      const __m512i low_bytes = look_up<kSevenBit>(low, index, upper);
      const __m512i high_bytes = look_up<kSevenBit>(high, index, upper);
      if constexpr (kSigned) {
        const __m512i signs =
            _mm512_loadu_si512(product.activations.signs + offset + i * kPixelStep);
        const __m512i even = _mm512_and_si512(signs, even_bytes);
        const __m512i odd = _mm512_andnot_si512(even_bytes, signs);
        add_signed_bytes<kSubtract>(sums.low[i], low_bytes, even, odd);
        add_signed_bytes<kSubtract>(sums.high[i], high_bytes, even, odd);
      } else {
        add_bytes<kSevenBit, kSubtract>(sums.low[i], low_bytes);
        add_bytes<kSevenBit, kSubtract>(sums.high[i], high_bytes);
      }
    }
  }
}

// Sums of even bytes of a plane; `second` of PlaneSums holds those of the odd bytes.
template <bool kSigned>
MBM_TARGET_INLINE __m512i even_sums(const PlaneSums& sums) {
  return kSigned ? sums.first : _mm512_sub_epi16(sums.first, _mm512_slli_epi16(sums.second, 8));
}

// out[0..3] += (or =) low + kHigh * high, with even pixels in the first and odd ones in the last
// two.
template <bool kSigned, int kHigh = 256>
MBM_TARGET_INLINE void flush(const PlaneSums& low, const PlaneSums& high, bool overwrite,
                             std::int32_t* out) {
  const __m512i scale = _mm512_set1_epi32(kHigh << 16 | 1);
  const __m512i low_even = even_sums<kSigned>(low);
  const __m512i high_even = even_sums<kSigned>(high);
  const __m512i pairs[4] = {_mm512_unpacklo_epi16(low_even, high_even),
                            _mm512_unpackhi_epi16(low_even, high_even),
                            _mm512_unpacklo_epi16(low.second, high.second),
                            _mm512_unpackhi_epi16(low.second, high.second)};
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512i sum = overwrite ? _mm512_setzero_si512() : _mm512_load_si512(out + 16 * i);
    _mm512_store_si512(out + 16 * i, _mm512_dpwssd_epi32(sum, pairs[i], scale));
  }
}

template <int kCount, bool kSevenBit, bool kSigned>
MBM_TARGET void accumulate_tile(const BlockProduct& product) {
  std::int32_t* out = product.sums;
  for (std::int64_t channel = product.first_channel; channel < product.last_channel; ++channel) {
    const WeightBlock weights = product.channel_weights(channel);
    Sums<kCount> sums;
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      sums.low[i] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
      sums.high[i] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    }
    add_products<kCount, kSevenBit, kSigned, false>(product, weights.positive, sums);
    add_products<kCount, kSevenBit, kSigned, true>(product, weights.negative, sums);
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      flush<kSigned>(sums.low[i], sums.high[i], product.overwrite, out + i * kPixelStep);
    }
    out += kCount * kPixelStep;
  }
}

template <bool kSevenBit, bool kSigned>
void accumulate_by_size(const BlockProduct& product) {
  static_assert(kLargestCount == 5);
  switch (product.activations.pixels / kPixelStep) {
    case 1:
      return accumulate_tile<1, kSevenBit, kSigned>(product);
    case 2:
      return accumulate_tile<2, kSevenBit, kSigned>(product);
    case 3:
      return accumulate_tile<3, kSevenBit, kSigned>(product);
    case 4:
      return accumulate_tile<4, kSevenBit, kSigned>(product);
    default:
      return accumulate_tile<5, kSevenBit, kSigned>(product);
  }
}

void accumulate_signed(const BlockProduct& product) {
  if (product.activations.signs != nullptr) {
    accumulate_by_size<false, true>(product);
  } else {
    accumulate_by_size<false, false>(product);
  }
}

// Products below 2^15 as a plane of 7 and one of 8 bits, of 128 activations.
constexpr std::size_t kPairedPlane = 128;
constexpr std::size_t kPairedRow = 2 * kPairedPlane;
constexpr int kPairedBits = 7;

// One weight of a pair: its row of the table in registers, and where its activations begin.
struct PairedRow {
  Plane<true> low;
  Plane<true> high;
  const std::uint8_t* magnitudes;
};

MBM_TARGET_INLINE PairedRow load_paired_row(const BlockProduct& product, WeightEntry entry) {
  const std::uint8_t* row = product.table + magnitude(entry) * kPairedRow;
  return {load_plane<true>(row), load_plane<true>(row + kPairedPlane),
          product.activations.magnitudes +
              activation_row(entry) * static_cast<std::size_t>(product.activations.row_stride)};
}

// Adds or subtracts the products of some weights, the first `small` two at a time: where all
// products are below 2^14, two bytes are added before they are widened.
template <int kCount, bool kSubtract>
MBM_TARGET_INLINE void add_pairs(const BlockProduct& product, std::span<const WeightEntry> weights,
                                 std::size_t small, Sums<kCount>& sums) {
  const WeightEntry* entry = weights.data();
  for (const WeightEntry* const end = entry + small / 2 * 2; entry != end; entry += 2) {
    const PairedRow a = load_paired_row(product, entry[0]);
    const PairedRow b = load_paired_row(product, entry[1]);
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      const __m512i index_a = load_indices(a.magnitudes + i * kPixelStep);
      const __m512i index_b = load_indices(b.magnitudes + i * kPixelStep);
      add_bytes<true, kSubtract>(sums.low[i], _mm512_add_epi8(look_up<true>(a.low, index_a, 0),
                                                              look_up<true>(b.low, index_b, 0)));
      add_bytes<true, kSubtract>(sums.high[i], _mm512_add_epi8(look_up<true>(a.high, index_a, 0),
                                                               look_up<true>(b.high, index_b, 0)));
    }
  }
  for (const WeightEntry* const end = weights.data() + weights.size(); entry != end; ++entry) {
    const PairedRow row = load_paired_row(product, *entry);
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      const __m512i index = load_indices(row.magnitudes + i * kPixelStep);
      add_bytes<true, kSubtract>(sums.low[i], look_up<true>(row.low, index, 0));
      add_bytes<true, kSubtract>(sums.high[i], look_up<true>(row.high, index, 0));
    }
  }
}

template <int kCount>
MBM_TARGET void accumulate_paired_tile(const BlockProduct& product) {
  std::int32_t* out = product.sums;
  for (std::int64_t channel = product.first_channel; channel < product.last_channel; ++channel) {
    const WeightBlock weights = product.channel_weights(channel);
    Sums<kCount> sums;
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      sums.low[i] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
      sums.high[i] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    }
    add_pairs<kCount, false>(product, weights.positive, weights.small_positive, sums);
    add_pairs<kCount, true>(product, weights.negative, weights.small_negative, sums);
#pragma GCC unroll 5
    for (int i = 0; i < kCount; ++i) {
      flush<false, 1 << kPairedBits>(sums.low[i], sums.high[i], product.overwrite,
                                     out + i * kPixelStep);
    }
    out += kCount * kPixelStep;
  }
}

void accumulate_paired(const BlockProduct& product) {
  static_assert(kLargestCount == 5);
  switch (product.activations.pixels / kPixelStep) {
    case 1:
      return accumulate_paired_tile<1>(product);
    case 2:
      return accumulate_paired_tile<2>(product);
    case 3:
      return accumulate_paired_tile<3>(product);
    case 4:
      return accumulate_paired_tile<4>(product);
    default:
      return accumulate_paired_tile<5>(product);
  }
}

// Products of 2^15 and more lose their upper bits: no weight that has one may be used.
AlignedVector<std::uint8_t> make_paired_table(const ProductTable& table,
                                              const ActivationWindow& /*window*/) {
  AlignedVector<std::uint8_t> image(ProductTable::kOperands * kPairedRow);
  for (std::size_t row = 0; row < ProductTable::kOperands; ++row) {
    const auto products = table.row(row);
    for (std::size_t i = 0; i < kPairedPlane; ++i) {
      image[row * kPairedRow + i] = static_cast<std::uint8_t>(products[i] & 127);
      image[row * kPairedRow + kPairedPlane + i] =
          static_cast<std::uint8_t>(products[i] >> kPairedBits & 255);
    }
  }
  return image;
}

// Which of the 32 codes from i there are.
MBM_TARGET_INLINE __mmask32 valid_codes(std::int64_t count, std::int64_t i) {
  return count - i >= 32 ? ~__mmask32{0} : (__mmask32{1} << (count - i)) - 1;
}

// The lower bytes of 32 words. A whole vector is narrowed first and stored then: the masked form of
// the instruction that does both is slow on AMD's processors.
MBM_TARGET_INLINE void store_bytes(void* target, __mmask32 valid, __m512i words) {
  if (valid == ~__mmask32{0}) {
    _mm256_storeu_si256(static_cast<__m256i*>(target), _mm512_cvtepi16_epi8(words));
  } else {
    _mm512_mask_cvtepi16_storeu_epi8(target, valid, words);
  }
}

MBM_TARGET int convert(const std::int16_t* source, std::int64_t count,
                       const ActivationWindow& window, std::uint8_t* magnitudes,
                       std::int8_t* /*signs*/, std::uint16_t* outside) {
  const __m512i first = _mm512_set1_epi16(static_cast<std::int16_t>(window.first));
  const __m512i largest = _mm512_set1_epi16(static_cast<std::int16_t>(window.last - window.first));
  const __m512i zero = _mm512_set1_epi16(window.index_of_zero());
  int found = 0;
  for (std::int64_t i = 0; i < count; i += 32) {
    const __mmask32 valid = valid_codes(count, i);
    __m512i index = _mm512_sub_epi16(_mm512_maskz_loadu_epi16(valid, source + i), first);
    __mmask32 beyond = _mm512_mask_cmpgt_epu16_mask(valid, index, largest);
    index = _mm512_mask_mov_epi16(index, beyond, zero);
    store_bytes(magnitudes + i, valid, index);
    for (; beyond != 0; beyond &= beyond - 1) {
      outside[found++] = static_cast<std::uint16_t>(i + __builtin_ctz(beyond));
    }
  }
  return found;
}

MBM_TARGET int convert_signed(const std::int16_t* source, std::int64_t count,
                              const ActivationWindow& /*window*/, std::uint8_t* magnitudes,
                              std::int8_t* signs, std::uint16_t* /*outside*/) {
  for (std::int64_t i = 0; i < count; i += 32) {
    const __mmask32 valid = valid_codes(count, i);
    const __m512i codes = _mm512_maskz_loadu_epi16(valid, source + i);
    store_bytes(magnitudes + i, valid, _mm512_abs_epi16(codes));
    if (signs != nullptr) {
      const __m512i ones = _mm512_or_si512(_mm512_srai_epi16(codes, 15), _mm512_set1_epi16(1));
      store_bytes(signs + i, valid, ones);
    }
  }
  return 0;
}

template <bool kSevenBit>
AlignedVector<std::uint8_t> make_table(const ProductTable& table, const ActivationWindow& window) {
  return make_planes(table, window, static_cast<int>(kPlane<kSevenBit>));
}

// `flush` leaves pixels 16q + {0,2,4,6}, {8,10,12,14}, {1,3,5,7}, {9,11,13,15} in the 128-bit lanes
// q of its four registers.
MBM_TARGET void restore(const std::int32_t* sums, int pixels, std::int32_t offset,
                        std::int32_t* out) {
  const __m512i offsets = _mm512_set1_epi32(offset);
  for (int i = 0; i < pixels; i += kPixelStep) {
    const __m512i even_low = _mm512_add_epi32(_mm512_load_si512(sums + i), offsets);
    const __m512i even_high = _mm512_add_epi32(_mm512_load_si512(sums + i + 16), offsets);
    const __m512i odd_low = _mm512_add_epi32(_mm512_load_si512(sums + i + 32), offsets);
    const __m512i odd_high = _mm512_add_epi32(_mm512_load_si512(sums + i + 48), offsets);
    const __m512i quads[4] = {
        _mm512_unpacklo_epi32(even_low, odd_low), _mm512_unpackhi_epi32(even_low, odd_low),
        _mm512_unpacklo_epi32(even_high, odd_high), _mm512_unpackhi_epi32(even_high, odd_high)};
#pragma GCC unroll 4
    for (int quad = 0; quad < 4; ++quad) {
      std::int32_t* lane = out + i + 4 * quad;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(lane), _mm512_castsi512_si128(quads[quad]));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(lane + 16),
                       _mm512_extracti32x4_epi32(quads[quad], 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(lane + 32),
                       _mm512_extracti32x4_epi32(quads[quad], 2));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(lane + 48),
                       _mm512_extracti32x4_epi32(quads[quad], 3));
    }
  }
}

}  // namespace

LookupKernel vbmi_lookup_kernel(int window_size) {
  const bool seven_bit = window_size == static_cast<int>(kPlane<true>);
  return {kBlockLength,
          true,
          false,
          window_size,
          convert,
          seven_bit ? make_table<true> : make_table<false>,
          seven_bit ? accumulate_by_size<true, false> : accumulate_by_size<false, false>,
          restore};
}

LookupKernel vbmi_signed_lookup_kernel() {
  return {kBlockLength,      true,   false, 0, convert_signed, make_table<false>,
          accumulate_signed, restore};
}

LookupKernel paired_lookup_kernel() {
  return {
      kBlockLength,      true,   true, static_cast<int>(kPairedPlane), convert, make_paired_table,
      accumulate_paired, restore};
}

std::size_t first_unpaired_weight(const ProductTable& table) {
  for (std::size_t weight = 0; weight < ProductTable::kOperands; ++weight) {
    const auto products = table.row(weight).first(kPairedPlane);
    if (*std::max_element(products.begin(), products.end()) >= 1 << (2 * kPairedBits)) {
      return weight;
    }
  }
  return ProductTable::kOperands;
}

}  // namespace mbm
