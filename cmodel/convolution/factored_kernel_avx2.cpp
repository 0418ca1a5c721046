// The matrix product of factored tables in AVX2: vpmaddwd and vpaddd, 16 pixels by 6 channels in
// registers.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "cmodel/convolution/factored_kernel.hpp"

#define MBM_TARGET [[gnu::target("avx2")]]

namespace mbm {
namespace {

constexpr int kPixels = 16;
constexpr int kVectors = 2;

void interleave(const std::int16_t* first, const std::int16_t* second, std::int16_t* out) {
  for (int i = 0; i < kFactoredPixels; ++i) {
    out[2 * i] = first[i];
    out[2 * i + 1] = second[i];
  }
}

// Two factors as one word.
inline std::int32_t load_pair(const std::int16_t* factors) {
  std::int32_t pair = 0;
  std::memcpy(&pair, factors, sizeof pair);
  return pair;
}

MBM_TARGET void accumulate_pixels(const FactoredProduct& product, const std::int16_t* activations,
                                  const std::int16_t* weights, std::int32_t* out) {
  __m256i sums[kFactoredChannels][kVectors];
#pragma GCC unroll 6
  for (int channel = 0; channel < kFactoredChannels; ++channel) {
#pragma GCC unroll 2
    for (int i = 0; i < kVectors; ++i) {
      sums[channel][i] = _mm256_load_si256(
          reinterpret_cast<const __m256i*>(out + channel * product.row_stride + 8 * i));
    }
  }
  for (std::int64_t pair = 0; pair < product.pairs; ++pair) {
    const auto* source = reinterpret_cast<const __m256i*>(activations);
    const __m256i values[kVectors] = {_mm256_load_si256(source), _mm256_load_si256(source + 1)};
#pragma GCC unroll 6
    for (int channel = 0; channel < kFactoredChannels; ++channel) {
      const __m256i weight = _mm256_set1_epi32(load_pair(weights + 2 * channel));
#pragma GCC unroll 2
      for (int i = 0; i < kVectors; ++i) {
        sums[channel][i] = _mm256_add_epi32(sums[channel][i], _mm256_madd_epi16(values[i], weight));
      }
    }
    activations += 2 * kFactoredPixels;
    weights += 2 * kFactoredChannels;
  }
#pragma GCC unroll 6
  for (int channel = 0; channel < kFactoredChannels; ++channel) {
#pragma GCC unroll 2
    for (int i = 0; i < kVectors; ++i) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(out + channel * product.row_stride + 8 * i),
                         sums[channel][i]);
    }
  }
}

void accumulate(const FactoredProduct& product) {
  for (std::int64_t panel = 0; panel < product.panels; ++panel) {
    for (int pixel = 0; pixel < kFactoredPixels; pixel += kPixels) {
      accumulate_pixels(product, product.activations + 2 * pixel,
                        product.weights + panel * product.panel_stride,
                        product.sums + panel * kFactoredChannels * product.row_stride + pixel);
    }
  }
}

void restore(const std::int32_t* sums, std::int32_t* out) {
  std::copy_n(sums, kFactoredPixels, out);
}

}  // namespace

FactoredKernel avx2_factored_kernel() {
  return {interleave, accumulate, restore};
}

}  // namespace mbm
