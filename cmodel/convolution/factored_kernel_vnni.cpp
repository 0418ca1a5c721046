// The matrix product of factored tables in AVX-512: vpdpwssd, 64 pixels by 6 channels in registers.
// GCC 12 warns of the undefined registers in its own intrinsics header.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <cstring>

#include "cmodel/convolution/factored_kernel.hpp"

#define MBM_TARGET [[gnu::target("avx512f,avx512bw,avx512vl,avx512vnni")]]

namespace mbm {
namespace {

constexpr int kVectors = kFactoredPixels / 16;

// Leaves, of every 32 pixels, 8q..8q+3 in the lanes q of the first register and 8q+4..8q+7 in those
// of the second.
MBM_TARGET void interleave(const std::int16_t* first, const std::int16_t* second,
                           std::int16_t* out) {
  for (int i = 0; i < kFactoredPixels; i += 32) {
    const __m512i a = _mm512_loadu_si512(first + i);
    const __m512i b = _mm512_loadu_si512(second + i);
    _mm512_store_si512(out + 2 * i, _mm512_unpacklo_epi16(a, b));
    _mm512_store_si512(out + 2 * i + 32, _mm512_unpackhi_epi16(a, b));
  }
}

// Two factors as one word.
inline std::int32_t load_pair(const std::int16_t* factors) {
  std::int32_t pair = 0;
  std::memcpy(&pair, factors, sizeof pair);
  return pair;
}

MBM_TARGET void accumulate_panel(const FactoredProduct& product, const std::int16_t* weights,
                                 std::int32_t* out) {
  __m512i sums[kFactoredChannels][kVectors];
#pragma GCC unroll 6
  for (int channel = 0; channel < kFactoredChannels; ++channel) {
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) {
      sums[channel][i] = _mm512_load_si512(out + channel * product.row_stride + 16 * i);
    }
  }
  const std::int16_t* activations = product.activations;
  for (std::int64_t pair = 0; pair < product.pairs; ++pair) {
    __m512i values[kVectors];
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) values[i] = _mm512_load_si512(activations + 32 * i);
#pragma GCC unroll 6
    for (int channel = 0; channel < kFactoredChannels; ++channel) {
      const __m512i weight = _mm512_set1_epi32(load_pair(weights + 2 * channel));
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        sums[channel][i] = _mm512_dpwssd_epi32(sums[channel][i], values[i], weight);
      }
    }
    activations += 2 * kFactoredPixels;
    weights += 2 * kFactoredChannels;
  }
#pragma GCC unroll 6
  for (int channel = 0; channel < kFactoredChannels; ++channel) {
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) {
      _mm512_store_si512(out + channel * product.row_stride + 16 * i, sums[channel][i]);
    }
  }
}

void accumulate(const FactoredProduct& product) {
  for (std::int64_t panel = 0; panel < product.panels; ++panel) {
    accumulate_panel(product, product.weights + panel * product.panel_stride,
                     product.sums + panel * kFactoredChannels * product.row_stride);
  }
}

MBM_TARGET void restore(const std::int32_t* sums, std::int32_t* out) {
  for (int i = 0; i < kFactoredPixels; i += 32) {
    for (int quad = 0; quad < 4; ++quad) {
      const auto* low = reinterpret_cast<const __m128i*>(sums + i + 4 * quad);
      auto* target = reinterpret_cast<__m128i*>(out + i + 8 * quad);
      _mm_storeu_si128(target, _mm_load_si128(low));
      _mm_storeu_si128(target + 1, _mm_load_si128(low + 4));
    }
  }
}

}  // namespace

FactoredKernel vnni_factored_kernel() {
  return {interleave, accumulate, restore};
}

}  // namespace mbm
