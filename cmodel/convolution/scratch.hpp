// Buffers of one thread of the CPU engine; they grow to what the largest job asked for, and stay.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cmodel/common/aligned_vector.hpp"
#include "cmodel/convolution/int8_kernel.hpp"
#include "cmodel/convolution/outlier_products.hpp"

namespace mbm {

struct Scratch {
  AlignedVector<std::uint8_t> magnitudes;
  AlignedVector<std::int8_t> signs;
  AlignedVector<std::int16_t> codes;
  AlignedVector<std::int16_t> pairs;
  AlignedVector<std::int32_t> sums;
  AlignedVector<std::int32_t> row;
  std::vector<std::int32_t> pixel_offsets;
  std::vector<Int8Segment> segments;
  OutlierSums outliers;

  template <typename T>
  static void grow(AlignedVector<T>& buffer, std::int64_t size) {
    if (static_cast<std::int64_t>(buffer.size()) < size) {
      buffer.resize(static_cast<std::size_t>(size));
    }
  }
};

// Sums of kernels are int32, exact for this many products of up to 65,535; longer reductions are
// added up in the result.
inline constexpr std::int64_t kSummedProducts = 32768;

// out[i] = sums[i], or out[i] += sums[i].
template <typename Sum>
void put_sums(const std::int32_t* sums, std::int64_t count, bool add, Sum* out) {
  if (add) {
    for (std::int64_t i = 0; i < count; ++i) out[i] += sums[i];
  } else {
    std::copy_n(sums, count, out);
  }
}

}  // namespace mbm
