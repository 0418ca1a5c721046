// The grouped look-up kernel of AVX-512 with VBMI and VNNI.

#include "cmodel/convolution/grouped_kernel.hpp"
#include "cmodel/convolution/vbmi_plane.hpp"

namespace mbm {
namespace {

// Bytes of four rows side by side: of 64 pixels, part i holds 4i..4i+3 of every 16.
struct Interleaved {
  __m512i parts[4];
};

MBM_TARGET_INLINE Interleaved interleave(const void* row0, const void* row1, const void* row2,
                                         const void* row3) {
  const __m512i a = _mm512_load_si512(row0);
  const __m512i b = _mm512_load_si512(row1);
  const __m512i c = _mm512_load_si512(row2);
  const __m512i d = _mm512_load_si512(row3);
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b);
  const __m512i ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d);
  const __m512i cd_high = _mm512_unpackhi_epi8(c, d);
  return {{_mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
           _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)}};
}

template <int kCount>
struct Sums {
  __m512i low[kCount][4];
  __m512i high[kCount][4];
};

template <int kCount, bool kSevenBit>
MBM_TARGET_INLINE void add_group(const GroupedProduct& product, const WeightGroup& group,
                                 const Plane<kSevenBit>& low, const Plane<kSevenBit>& high,
                                 Sums<kCount>& sums) {
  constexpr std::size_t kPixels = kCount * 64;
  const __m512i signs = _mm512_set1_epi32(static_cast<int>(group.signs));
#pragma GCC unroll 2
  for (int i = 0; i < kCount; ++i) {
    const auto offset = [&](int j) {
      return group.rows[static_cast<std::size_t>(j)] * kPixels + static_cast<std::size_t>(64 * i);
    };
    const std::size_t offsets[4] = {offset(0), offset(1), offset(2), offset(3)};
    const std::uint8_t* bytes = product.indices;
    const Interleaved indices =
        interleave(bytes + offsets[0], bytes + offsets[1], bytes + offsets[2], bytes + offsets[3]);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const __m512i index = indices.parts[j];
      const __mmask64 upper = kSevenBit ? 0 : _mm512_movepi8_mask(index);
      sums.low[i][j] =
          _mm512_dpbusd_epi32(sums.low[i][j], look_up<kSevenBit>(low, index, upper), signs);
      sums.high[i][j] =
          _mm512_dpbusd_epi32(sums.high[i][j], look_up<kSevenBit>(high, index, upper), signs);
    }
  }
}

// Fetches the activations of a group from the second-level cache: the order of rows is random.
template <int kCount>
MBM_TARGET_INLINE void prefetch(const GroupedProduct& product, const WeightGroup& group) {
#pragma GCC unroll 4
  for (std::size_t j = 0; j < 4; ++j) {
    const std::uint8_t* row = product.indices + std::size_t{group.rows[j]} * kCount * 64;
#pragma GCC unroll 2
    for (int i = 0; i < kCount; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(row + 64 * i), _MM_HINT_T0);
    }
  }
}

template <int kCount, bool kSevenBit>
MBM_TARGET void accumulate_channel(const GroupedProduct& product,
                                   const GroupedWeights::Block& block, std::int32_t* out) {
  Sums<kCount> sums;
#pragma GCC unroll 2
  for (int i = 0; i < kCount; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) sums.low[i][j] = sums.high[i][j] = _mm512_setzero_si512();
  }
  const WeightGroup* group = block.groups.data();
  for (const GroupRun& run : block.runs) {
    const std::uint8_t* row = product.table + run.magnitude * kRow<kSevenBit>;
    const Plane<kSevenBit> low = load_plane<kSevenBit>(row);
    const Plane<kSevenBit> high = load_plane<kSevenBit>(row + kPlane<kSevenBit>);
    for (const WeightGroup* end = group + run.groups; group != end; ++group) {
      prefetch<kCount>(product, group[kGroupsAhead]);
      add_group<kCount, kSevenBit>(product, *group, low, high, sums);
    }
  }
#pragma GCC unroll 2
  for (int i = 0; i < kCount; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      std::int32_t* target = out + 64 * i + 16 * j;
      const __m512i sum = _mm512_add_epi32(sums.low[i][j], _mm512_slli_epi32(sums.high[i][j], 8));
      _mm512_store_si512(target, _mm512_add_epi32(_mm512_load_si512(target), sum));
    }
  }
}

template <int kCount, bool kSevenBit>
void accumulate_channels(const GroupedProduct& product) {
  std::int32_t* out = product.sums;
  for (std::int64_t channel = product.first_channel; channel < product.last_channel; ++channel) {
    accumulate_channel<kCount, kSevenBit>(product, product.weights->block(channel, product.block),
                                          out);
    out += product.pixels;
  }
}

template <bool kSevenBit>
void accumulate(const GroupedProduct& product) {
  if (product.pixels == 128) {
    accumulate_channels<2, kSevenBit>(product);
  } else {
    accumulate_channels<1, kSevenBit>(product);
  }
}

// Undoes the order of `interleave`.
MBM_TARGET void restore(const std::int32_t* sums, int pixels, std::int32_t offset,
                        std::int32_t* out) {
  const __m128i offsets = _mm_set1_epi32(offset);
  for (int i = 0; i < pixels; i += 64) {
    for (int part = 0; part < 4; ++part) {
      for (int lane = 0; lane < 4; ++lane) {
        const auto* source = reinterpret_cast<const __m128i*>(sums + i + 16 * part + 4 * lane);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i + 16 * lane + 4 * part),
                         _mm_add_epi32(_mm_load_si128(source), offsets));
      }
    }
  }
}

}  // namespace

GroupedKernel vbmi_grouped_kernel(int window_size) {
  const bool seven_bit = window_size == static_cast<int>(kPlane<true>);
  return {window_size, seven_bit ? accumulate<true> : accumulate<false>, restore};
}

}  // namespace mbm
