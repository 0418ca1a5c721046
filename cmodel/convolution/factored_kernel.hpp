// Integer matrix products for factored tables: 16-bit factors, 32-bit sums modulo 2^32. A term may
// be larger than any product of the table; the sum of all terms is not, and modulo 2^32 that is
// enough.
#pragma once

#include <cstdint>

#include "cmodel/common/aligned_vector.hpp"

namespace mbm {

inline constexpr int kFactoredPixels = 64;   // of one panel of activations
inline constexpr int kFactoredChannels = 6;  // of one panel of weights
inline constexpr int kFactoredBlock = 256;   // rows of activations handled at once

// sums[channel][pixel] += sum over the rows of weight * activation, rows taken in pairs. Pixels of
// a row of sums are in the kernel's order until `restore`.
struct FactoredProduct {
  const std::int16_t* activations =
      nullptr;                            // (pairs, kFactoredPixels, 2), as `interleave` left it
  const std::int16_t* weights = nullptr;  // (panels, panel_stride)
  std::int64_t panel_stride = 0;          // from (pairs, kFactoredChannels, 2) to the next
  std::int64_t pairs = 0;
  std::int64_t panels = 0;
  std::int32_t* sums = nullptr;  // (panels * kFactoredChannels, row_stride)
  std::int64_t row_stride = 0;
};

struct FactoredKernel {
  // Two rows of kFactoredPixels activations to one of pairs.
  void (*interleave)(const std::int16_t* first, const std::int16_t* second, std::int16_t* out);

  void (*accumulate)(const FactoredProduct& product);

  // One row of kFactoredPixels sums in the order of pixels.
  void (*restore)(const std::int32_t* sums, std::int32_t* out);
};

// AVX-512 with VNNI, and AVX2.
FactoredKernel vnni_factored_kernel();
FactoredKernel avx2_factored_kernel();

}  // namespace mbm
