// The inner loop of quantisation, scalar and in AVX2, with the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mbm {

struct RoundingCounts {
  std::int64_t saturated = 0;
  bool has_nan = false;  // the codes are then of no use
};

// Whole numbers in int16 between which codes lie, each end included.
struct CodeRange {
  float smallest = 0.0F;
  float largest = 0.0F;
};

// codes[i] = values[i] / step rounded to nearest, ties to even, clamped to `range`.
RoundingCounts round_to_codes_scalar(const float* values, std::size_t count, float step,
                                     CodeRange range, std::int16_t* codes);
RoundingCounts round_to_codes_avx2(const float* values, std::size_t count, float step,
                                   CodeRange range, std::int16_t* codes);

// The best of this processor.
RoundingCounts round_to_codes(const float* values, std::size_t count, float step, CodeRange range,
                              std::int16_t* codes);

}  // namespace mbm
