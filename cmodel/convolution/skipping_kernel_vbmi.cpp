// The kernel that skips zeros, of AVX-512 with VBMI.
//
// A product t is held as two bytes, t + 32,640 = 255 high + low. The complement of both stands for
// -t: 255 (255 - high) + (255 - low) = 65,280 - (t + 32,640) = -t + 32,640. So the sign of a
// weight, the upper bit of its byte, which vpermi2b does not read, costs two masked subtractions,
// and nothing has to be known of the activations that were skipped: the 32,640 add up by their
// number. Bytes are summed in 16-bit words: `total` sums whole words modulo 2^16 and `odd` their
// upper bytes, from which the even bytes follow. A call sums few enough to fit in 16 bits with
// sign.
#include <algorithm>
#include <cstdlib>

#include "cmodel/convolution/skipping_kernel.hpp"
#include "cmodel/convolution/vbmi_plane.hpp"

namespace mbm {
namespace {

constexpr int kBase = 255;
constexpr int kLargestCode = 255;
constexpr std::size_t kTableRow = kRow<true>;
static_assert(kSkippingBlock * 255 < 1 << 15);

AlignedVector<std::uint8_t> make_table(const ProductTable& table) {
  AlignedVector<std::uint8_t> image((2 * kLargestCode + 1) * kTableRow);
  for (int code = -kLargestCode; code <= kLargestCode; ++code) {
    std::uint8_t* row = image.data() + static_cast<std::size_t>(code + kLargestCode) * kTableRow;
    for (std::size_t weight = 0; weight < kSkippingWeights; ++weight) {
      const int product = table(weight, static_cast<std::size_t>(std::abs(code)));
      const int entry = (code < 0 ? -product : product) + kSkippingProducts;
      row[weight] = static_cast<std::uint8_t>(entry % kBase);
      row[kPlane<true> + weight] = static_cast<std::uint8_t>(entry / kBase);
    }
  }
  return image;
}

struct Words {
  __m512i total;
  __m512i odd;
};

// Of one vector of channels.
struct Sums {
  Words low;
  Words high;
};

// In assembly, since GCC otherwise keeps old and new sums at once and copies or spills them.
MBM_TARGET_INLINE void add_lanes(__m512i& sum, __m512i value) {
  asm("vpaddw %1, %0, %0" : "+v"(sum) : "v"(value));
}

MBM_TARGET_INLINE void add_bytes(Words& words, __m512i bytes) {
  add_lanes(words.total, bytes);
  add_lanes(words.odd, _mm512_srli_epi16(bytes, 8));
}

// Adds 255 high + low + offset of 32 channels to their sums.
MBM_TARGET_INLINE void add_words(__m512i low, __m512i high, __m512i offset, std::int32_t* sums) {
  const __m512i factors = _mm512_set1_epi32(kBase << 16 | 1);
  const __m512i pairs[] = {_mm512_unpacklo_epi16(low, high), _mm512_unpackhi_epi16(low, high)};
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m512i sum = _mm512_add_epi32(_mm512_madd_epi16(pairs[i], factors), offset);
    const __m512i old = _mm512_load_si512(sums + 16 * i);
    _mm512_store_si512(sums + 16 * i, _mm512_add_epi32(old, sum));
  }
}

MBM_TARGET_INLINE __m512i even(const Words& words) {
  return _mm512_sub_epi16(words.total, _mm512_slli_epi16(words.odd, 8));
}

template <int kVectors>
MBM_TARGET_INLINE void add_products(ActivationEntry entry, const SkippingProduct& product,
                                    Sums (&sums)[kVectors]) {
  const std::uint8_t* row = product.table + (entry & 511) * kTableRow;
  const Plane<true> low = load_plane<true>(row);
  const Plane<true> high = load_plane<true>(row + kPlane<true>);
  const std::uint8_t* bytes =
      product.weights + std::size_t{entry >> 9} * (kVectors * kSkippingLanes);
  const __m512i ones = _mm512_set1_epi8(-1);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    __m512i weight = _mm512_load_si512(bytes + v * kSkippingLanes);
    asm("" : "+v"(weight));  // else GCC loads it again for each look-up
    const __mmask64 negative = _mm512_movepi8_mask(weight);
    const __m512i l = look_up<true>(low, weight, 0);
    const __m512i h = look_up<true>(high, weight, 0);
    add_bytes(sums[v].low, _mm512_mask_sub_epi8(l, negative, ones, l));
    add_bytes(sums[v].high, _mm512_mask_sub_epi8(h, negative, ones, h));
  }
}

template <int kVectors>
MBM_TARGET void add_vectors(const SkippingProduct& product) {
  Sums sums[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sums[v] = Sums{};
  for (const ActivationEntry entry : product.activations) {
    add_products<kVectors>(entry, product, sums);
  }
  const auto count = static_cast<std::int32_t>(product.activations.size());
  const __m512i offset = _mm512_set1_epi32(-kSkippingProducts * count);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    std::int32_t* out = product.sums + v * kSkippingLanes;
    add_words(even(sums[v].low), even(sums[v].high), offset, out);
    add_words(sums[v].low.odd, sums[v].high.odd, offset, out + 32);
  }
}

void add(const SkippingProduct& product) {
  static_assert(kSkippingVectors == 4);
  switch (product.vectors) {
    case 1:
      return add_vectors<1>(product);
    case 2:
      return add_vectors<2>(product);
    case 3:
      return add_vectors<3>(product);
    default:
      return add_vectors<4>(product);
  }
}

}  // namespace

SkippingKernel vbmi_skipping_kernel() {
  return {&make_table, &add};
}

}  // namespace mbm
