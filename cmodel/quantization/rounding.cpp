#include "cmodel/quantization/rounding.hpp"

#include <immintrin.h>

#include <algorithm>
#include <cmath>

namespace mbm {

RoundingCounts round_to_codes_scalar(const float* values, std::size_t count, float step,
                                     CodeRange range, std::int16_t* codes) {
  RoundingCounts counts;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) {
      counts.has_nan = true;
      codes[i] = 0;
      continue;
    }
    const float rounded = std::nearbyint(values[i] / step);
    const float clamped = std::clamp(rounded, range.smallest, range.largest);
    counts.saturated += clamped != rounded ? 1 : 0;
    codes[i] = static_cast<std::int16_t>(clamped);
  }
  return counts;
}

// A true division, as the scalar loop's: times the reciprocal would round differently.
[[gnu::target("avx2,popcnt")]] RoundingCounts round_to_codes_avx2(const float* values,
                                                                  std::size_t count, float step,
                                                                  CodeRange range,
                                                                  std::int16_t* codes) {
  const __m256 steps = _mm256_set1_ps(step);
  const __m256 upper = _mm256_set1_ps(range.largest);
  const __m256 lower = _mm256_set1_ps(range.smallest);
  std::int64_t saturated = 0;
  int nan = 0;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 value = _mm256_loadu_ps(values + i);
    const __m256 rounded =
        _mm256_round_ps(_mm256_div_ps(value, steps), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m256 clamped = _mm256_max_ps(_mm256_min_ps(rounded, upper), lower);
    saturated += _mm_popcnt_u32(
        static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(clamped, rounded, _CMP_NEQ_OQ))));
    nan |= _mm256_movemask_ps(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    const __m256i whole = _mm256_cvtps_epi32(clamped);
    const __m256i packed =
        _mm256_permute4x64_epi64(_mm256_packs_epi32(whole, whole), 0b00'00'10'00);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + i), _mm256_castsi256_si128(packed));
  }
  RoundingCounts counts = round_to_codes_scalar(values + i, count - i, step, range, codes + i);
  counts.saturated += saturated;
  counts.has_nan = counts.has_nan || nan != 0;
  return counts;
}

RoundingCounts round_to_codes(const float* values, std::size_t count, float step, CodeRange range,
                              std::int16_t* codes) {
  static const bool has_avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return has_avx2 ? round_to_codes_avx2(values, count, step, range, codes)
                  : round_to_codes_scalar(values, count, step, range, codes);
}

}  // namespace mbm
