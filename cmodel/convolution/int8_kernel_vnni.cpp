// The 8-bit matrix product in AVX-512: vpdpbusd with the weights of 16 output channels as vector
// and four activations of a pixel broadcast; 6 or 8 pixels by up to 64 channels in registers.
// GCC 12 warns of the undefined registers in its own intrinsics header.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "cmodel/convolution/int8_kernel.hpp"

#define MBM_TARGET [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")]]
#define MBM_TARGET_INLINE MBM_TARGET [[gnu::always_inline]] inline

namespace mbm {
namespace {

inline std::int32_t load_quad(const std::uint8_t* activations) {
  std::int32_t quad = 0;
  std::memcpy(&quad, activations, sizeof quad);
  return quad;
}

template <int kVectors>
MBM_TARGET void accumulate_tile(const Int8Product& product, const std::int32_t* offsets,
                                std::int32_t* sums) {
  constexpr int kPixels = int8_tile_pixels(kVectors);
  constexpr int kStride = kVectors * kInt8Lanes;
  const std::uint8_t* pixels[kPixels];
  __m512i acc[kPixels][kVectors];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    pixels[p] = product.activations + offsets[p];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      acc[p][v] = product.overwrite ? _mm512_setzero_si512()
                                    : _mm512_load_si512(sums + p * kStride + v * kInt8Lanes);
    }
  }
  const std::int8_t* weights = product.weights;
  for (const Int8Segment& segment : product.segments) {
    const std::int64_t end = segment.offset + std::int64_t{4} * segment.quads;
    for (std::int64_t at = segment.offset; at < end; at += 4) {
      __m512i lanes[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) lanes[v] = _mm512_load_si512(weights + 64 * v);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        const __m512i quad = _mm512_set1_epi32(load_quad(pixels[p] + at));
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          acc[p][v] = _mm512_dpbusd_epi32(acc[p][v], quad, lanes[v]);
        }
      }
      weights += 64 * kVectors;
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      _mm512_store_si512(sums + p * kStride + v * kInt8Lanes, acc[p][v]);
    }
  }
}

template <int kVectors>
void accumulate_pixels(const Int8Product& product) {
  constexpr std::size_t kPixels = int8_tile_pixels(kVectors);
  const std::size_t tiles = product.pixels.size() / kPixels;
  const std::size_t share = (product.next.size() / 64 + tiles) / tiles * 64;  // of one tile
  const std::int8_t* next = product.next.data();
  const std::int8_t* const end = next + product.next.size();
  for (std::size_t pixel = 0; pixel < product.pixels.size(); pixel += kPixels) {
    for (std::size_t i = 0; i < share && next < end; i += 64, next += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(next), _MM_HINT_T1);
    }
    accumulate_tile<kVectors>(product, product.pixels.data() + pixel,
                              product.sums + pixel * kVectors * kInt8Lanes);
  }
}

void accumulate(const Int8Product& product) {
  switch (product.vectors) {
    case 1:
      return accumulate_pixels<1>(product);
    case 2:
      return accumulate_pixels<2>(product);
    case 3:
      return accumulate_pixels<3>(product);
    default:
      return accumulate_pixels<4>(product);
  }
}

struct ByteTable {
  __m512i parts[4];
};

MBM_TARGET_INLINE __m512i look_up(const ByteTable& table, __m512i index) {
  const __mmask64 upper = _mm512_movepi8_mask(index);
  const __m512i low = _mm512_permutex2var_epi8(table.parts[0], index, table.parts[1]);
  const __m512i high = _mm512_permutex2var_epi8(table.parts[2], index, table.parts[3]);
  return _mm512_mask_blend_epi8(upper, low, high);
}

// Factors of up to 64 codes. Of the 128-bit lane q the first half holds codes 8q.., the second
// 32 + 8q...
template <bool kIdentity>
MBM_TARGET_INLINE __m512i map_codes(const std::int16_t* codes, std::int64_t count,
                                    const ByteTable& table, std::int16_t smallest) {
  const auto mask = [](std::int64_t valid) {
    return valid >= 32 ? ~__mmask32{0} : (__mmask32{1} << std::max<std::int64_t>(valid, 0)) - 1;
  };
  const __m512i low = _mm512_maskz_loadu_epi16(mask(count), codes);
  const __m512i high =
      count > 32 ? _mm512_maskz_loadu_epi16(mask(count - 32), codes + 32) : _mm512_setzero_si512();
  if constexpr (kIdentity) {
    const __m512i offset = _mm512_set1_epi16(smallest);
    return _mm512_packus_epi16(_mm512_sub_epi16(low, offset), _mm512_sub_epi16(high, offset));
  } else {
    const __m512i magnitudes = _mm512_packus_epi16(_mm512_abs_epi16(low), _mm512_abs_epi16(high));
    const __mmask64 negative = _mm512_movepi8_mask(_mm512_packs_epi16(low, high));
    const __m512i factors = look_up(table, magnitudes);
    const __m512i with_sign =
        _mm512_mask_sub_epi8(factors, negative, _mm512_setzero_si512(), factors);
    return _mm512_sub_epi8(with_sign, _mm512_set1_epi8(static_cast<char>(smallest)));
  }
}

// rows[p] = column p of each 128-bit lane's 16 x 16 bytes.
MBM_TARGET_INLINE void transpose_bytes(__m512i (&rows)[kInt8Chunk]) {
#pragma GCC unroll 4
  for (int round = 0; round < 4; ++round) {
    __m512i next[kInt8Chunk];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      next[2 * i] = _mm512_unpacklo_epi8(rows[i], rows[i + 8]);
      next[2 * i + 1] = _mm512_unpackhi_epi8(rows[i], rows[i + 8]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) rows[i] = next[i];
  }
}

MBM_TARGET_INLINE void store_lane(std::uint8_t* out, __m128i channels, int bytes) {
  if (bytes == kInt8Chunk) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), channels);
  } else {
    alignas(16) std::uint8_t buffer[kInt8Chunk];
    _mm_store_si128(reinterpret_cast<__m128i*>(buffer), channels);
    std::memcpy(out, buffer, static_cast<std::size_t>(bytes));
  }
}

// The pixels of one 128-bit lane of the transposed rows.
template <int kLane>
MBM_TARGET_INLINE void store_pixels(const __m512i (&rows)[kInt8Chunk], std::int64_t pixels,
                                    int bytes, std::uint8_t* out, std::int64_t pixel_stride) {
#pragma GCC unroll 16
  for (int i = 0; i < kInt8Chunk; ++i) {
    const int pixel = 8 * kLane + i % 8 + i / 8 * 32;
    if (pixel < pixels) {
      store_lane(out + pixel * pixel_stride, _mm512_extracti32x4_epi32(rows[i], kLane), bytes);
    }
  }
}

template <bool kIdentity>
MBM_TARGET void pack_mapped(const std::array<const std::int16_t*, kInt8Chunk>& rows,
                            std::int64_t pixels, const Int8Map& map, int bytes, std::uint8_t* out,
                            std::int64_t pixel_stride) {
  ByteTable table{};
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) table.parts[i] = _mm512_loadu_si512(map.factors.data() + 64 * i);
  for (std::int64_t first = 0; first < pixels; first += 64) {
    const std::int64_t count = std::min<std::int64_t>(pixels - first, 64);
    __m512i mapped[kInt8Chunk];
#pragma GCC unroll 16
    for (std::size_t c = 0; c < kInt8Chunk; ++c) {
      mapped[c] = map_codes<kIdentity>(rows[c] + first, count, table, map.smallest);
    }
    transpose_bytes(mapped);
    std::uint8_t* target = out + first * pixel_stride;
    store_pixels<0>(mapped, count, bytes, target, pixel_stride);
    store_pixels<1>(mapped, count, bytes, target, pixel_stride);
    store_pixels<2>(mapped, count, bytes, target, pixel_stride);
    store_pixels<3>(mapped, count, bytes, target, pixel_stride);
  }
}

void pack(const std::array<const std::int16_t*, kInt8Chunk>& rows, std::int64_t pixels,
          const Int8Map& map, int bytes, std::uint8_t* out, std::int64_t pixel_stride) {
  if (map.identity) {
    pack_mapped<true>(rows, pixels, map, bytes, out, pixel_stride);
  } else {
    pack_mapped<false>(rows, pixels, map, bytes, out, pixel_stride);
  }
}

// Transposes 16 x 16 words: four perfect shuffles of rows, in which unpacking stays within 128-bit
// lanes, and a last exchange of the lanes.
MBM_TARGET_INLINE void transpose_words(__m512i (&rows)[16]) {
  __m512i pairs[16];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512i a = _mm512_unpacklo_epi32(rows[4 * i], rows[4 * i + 1]);
    const __m512i b = _mm512_unpackhi_epi32(rows[4 * i], rows[4 * i + 1]);
    const __m512i c = _mm512_unpacklo_epi32(rows[4 * i + 2], rows[4 * i + 3]);
    const __m512i d = _mm512_unpackhi_epi32(rows[4 * i + 2], rows[4 * i + 3]);
    pairs[4 * i] = _mm512_unpacklo_epi64(a, c);
    pairs[4 * i + 1] = _mm512_unpackhi_epi64(a, c);
    pairs[4 * i + 2] = _mm512_unpacklo_epi64(b, d);
    pairs[4 * i + 3] = _mm512_unpackhi_epi64(b, d);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512i a = _mm512_shuffle_i32x4(pairs[j], pairs[4 + j], 0b10'00'10'00);
    const __m512i b = _mm512_shuffle_i32x4(pairs[8 + j], pairs[12 + j], 0b10'00'10'00);
    const __m512i c = _mm512_shuffle_i32x4(pairs[j], pairs[4 + j], 0b11'01'11'01);
    const __m512i d = _mm512_shuffle_i32x4(pairs[8 + j], pairs[12 + j], 0b11'01'11'01);
    rows[j] = _mm512_shuffle_i32x4(a, b, 0b10'00'10'00);
    rows[8 + j] = _mm512_shuffle_i32x4(a, b, 0b11'01'11'01);
    rows[4 + j] = _mm512_shuffle_i32x4(c, d, 0b10'00'10'00);
    rows[12 + j] = _mm512_shuffle_i32x4(c, d, 0b11'01'11'01);
  }
}

MBM_TARGET void store(const std::int32_t* sums, std::int64_t sums_stride, std::int64_t pixels,
                      int channels, const std::int32_t* corrections, std::int32_t* out,
                      std::int64_t channel_stride) {
  const __m512i correction = _mm512_loadu_si512(corrections);
  for (std::int64_t pixel = 0; pixel < pixels; pixel += 16) {
    const std::int64_t count = std::min<std::int64_t>(pixels - pixel, 16);
    __m512i rows[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      const std::int64_t source = pixel + std::min<std::int64_t>(i, count - 1);
      rows[i] = _mm512_add_epi32(_mm512_load_si512(sums + source * sums_stride), correction);
    }
    transpose_words(rows);
    const auto valid = static_cast<__mmask16>(count == 16 ? 0xFFFF : (1U << count) - 1);
#pragma GCC unroll 16
    for (int channel = 0; channel < 16; ++channel) {
      if (channel < channels) {
        _mm512_mask_storeu_epi32(out + channel * channel_stride + pixel, valid, rows[channel]);
      }
    }
  }
}

}  // namespace

Int8Kernel vnni_int8_kernel() {
  return {accumulate, pack, store};
}

}  // namespace mbm
