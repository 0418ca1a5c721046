// A histogram of the magnitudes of activations, filled image by image without knowing their range
// beforehand, and the choice of a clipping limit from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "host/calibration/quantization_scheme.hpp"

namespace mbm {

class MagnitudeHistogram {
 public:
  // Adds finite values; `what` names them in the Error(input) that a NaN or an infinity raises.
  void add(std::span<const float> values, std::string_view what);

  float smallest() const { return smallest_; }  // of the values, and 0
  float largest_magnitude() const { return largest_; }
  std::int64_t count() const { return count_; }

  // Counts of equal bins over 0..range(), exact zeros left out. At least half of the bins lie below
  // the largest magnitude.
  std::span<const std::int64_t> bins() const { return bins_; }
  std::int64_t zeros() const { return zeros_; }
  double range() const { return range_; }

 private:
  void grow(double magnitude);

  std::vector<std::int64_t> bins_;
  std::int64_t zeros_ = 0;
  std::int64_t count_ = 0;
  double range_ = 0.0;
  float smallest_ = 0.0F;
  float largest_ = 0.0F;
};

// The magnitude that is mapped onto `largest_code`. The search of mean_squared_error takes 100
// candidates, each a hundredth of the largest magnitude; kl_divergence is the entropy calibration
// of Migacz, "8-bit inference with TensorRT", GTC 2017: of the distributions cut off at a limit the
// one whose quantised form is nearest. Both see magnitudes at the resolution of the bins.
float choose_range(const MagnitudeHistogram& histogram, int largest_code,
                   const QuantizationScheme& scheme);

}  // namespace mbm
