// Rows of a product table in registers and the look-up in them, with AVX-512 VBMI: what the vbmi
// kernels share. For kernel files only, which all compile for the same instruction sets.
#pragma once

// GCC 12 warns of the undefined registers in its own intrinsics header.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define MBM_TARGET [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")]]
#define MBM_TARGET_INLINE MBM_TARGET [[gnu::always_inline]] inline

namespace mbm {

// Bytes of a plane, all low or all high ones of a row of the table, and of the row.
template <bool kSevenBit>
inline constexpr std::size_t kPlane = kSevenBit ? 128 : 256;
template <bool kSevenBit>
inline constexpr std::size_t kRow = 2 * kPlane<kSevenBit>;

// One plane of bytes of a row of the table.
template <bool kSevenBit>
struct Plane {
  __m512i entries[kSevenBit ? 2 : 4];
};

template <bool kSevenBit>
MBM_TARGET_INLINE Plane<kSevenBit> load_plane(const std::uint8_t* bytes) {
  Plane<kSevenBit> plane;
#pragma GCC unroll 4
  for (int i = 0; i < (kSevenBit ? 2 : 4); ++i) {
    plane.entries[i] = _mm512_load_si512(bytes + 64 * i);
  }
  return plane;
}

template <bool kSevenBit>
MBM_TARGET_INLINE __m512i look_up(const Plane<kSevenBit>& plane, __m512i index, __mmask64 upper) {
  if constexpr (kSevenBit) {
    return _mm512_permutex2var_epi8(plane.entries[0], index, plane.entries[1]);
  } else {
    const __m512i partly = _mm512_mask2_permutex2var_epi8(plane.entries[0], index,
                                                          _knot_mask64(upper), plane.entries[1]);
    return _mm512_mask2_permutex2var_epi8(plane.entries[2], partly, upper, plane.entries[3]);
  }
}

}  // namespace mbm
