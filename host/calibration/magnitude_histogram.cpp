#include "host/calibration/magnitude_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mbm {
namespace {

constexpr std::size_t kBins = 8192;

// The sum of the first `end` bins and all bins.
std::int64_t sum(std::span<const std::int64_t> bins) {
  std::int64_t total = 0;
  for (const std::int64_t count : bins) total += count;
  return total;
}

float percentile_range(const MagnitudeHistogram& histogram, double percentile) {
  const double wanted = percentile / 100.0 * static_cast<double>(histogram.count());
  const auto bins = histogram.bins();
  auto below = static_cast<double>(histogram.zeros());
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    below += static_cast<double>(bins[bin]);
    if (below < wanted) continue;
    const double edge =
        histogram.range() * static_cast<double>(bin + 1) / static_cast<double>(bins.size());
    return std::min(static_cast<float>(edge), histogram.largest_magnitude());
  }
  return histogram.largest_magnitude();
}

// Sum of squared errors if `limit` is mapped onto `largest_code`.
double squared_error(const MagnitudeHistogram& histogram, double limit, int largest_code) {
  const double step = limit / largest_code;
  const auto bins = histogram.bins();
  const double width = histogram.range() / static_cast<double>(bins.size());
  double error = 0.0;
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    if (bins[bin] == 0) continue;
    const double value = (static_cast<double>(bin) + 0.5) * width;
    const double code = std::min(std::nearbyint(value / step), static_cast<double>(largest_code));
    const double difference = value - code * step;
    error += static_cast<double>(bins[bin]) * difference * difference;
  }
  return error;
}

float least_squares_range(const MagnitudeHistogram& histogram, int largest_code) {
  constexpr int kCandidates = 100;
  double best = histogram.largest_magnitude();
  double least = std::numeric_limits<double>::infinity();
  for (int candidate = kCandidates; candidate > 0; --candidate) {
    const double limit =
        static_cast<double>(histogram.largest_magnitude()) * candidate / kCandidates;
    const double error = squared_error(histogram, limit, largest_code);
    if (error < least) {
      least = error;
      best = limit;
    }
  }
  return static_cast<float>(best);
}

// Divergence of the bins, cut off after `kept` of them with the rest counted in the last one, from
// the same bins shared out evenly among those that are not empty within each of `levels` parts.
double divergence(std::span<const std::int64_t> bins, std::size_t kept, std::size_t levels,
                  std::int64_t beyond) {
  const auto total = static_cast<double>(sum(bins));
  const auto inside = static_cast<double>(sum(bins.first(kept)));
  double result = 0.0;
  for (std::size_t level = 0; level < levels; ++level) {
    const auto part =
        bins.subspan(level * kept / levels, (level + 1) * kept / levels - level * kept / levels);
    const auto filled = std::count_if(part.begin(), part.end(), [](auto n) { return n > 0; });
    if (filled == 0) continue;
    const double shared = static_cast<double>(sum(part)) / static_cast<double>(filled) / inside;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const bool last = level * kept / levels + i + 1 == kept;
      const double p = static_cast<double>(part[i] + (last ? beyond : 0)) / total;
      if (p > 0.0 && part[i] > 0) result += p * std::log(p / shared);
    }
  }
  // An empty last bin with clipped values in it has no counterpart at all.
  if (beyond > 0 && bins[kept - 1] == 0) return std::numeric_limits<double>::infinity();
  return result;
}

float entropy_range(const MagnitudeHistogram& histogram, int largest_code) {
  constexpr std::size_t kStride = 32;
  const auto bins = histogram.bins();
  const auto levels = static_cast<std::size_t>(largest_code) + 1;
  const double width = histogram.range() / static_cast<double>(bins.size());
  const auto used = std::min(
      bins.size(), static_cast<std::size_t>(std::ceil(histogram.largest_magnitude() / width)));
  const auto filled = bins.first(std::max(used, std::size_t{1}));
  double least = std::numeric_limits<double>::infinity();
  float best = histogram.largest_magnitude();
  std::int64_t beyond = 0;
  for (std::size_t kept = filled.size(); kept >= levels; kept -= std::min(kept, kStride)) {
    beyond = sum(filled.subspan(kept));
    const double found = divergence(filled, kept, levels, beyond);
    if (found < least) {
      least = found;
      best = std::min(static_cast<float>(static_cast<double>(kept) * width),
                      histogram.largest_magnitude());
    }
  }
  return best;
}

}  // namespace

void MagnitudeHistogram::add(std::span<const float> values, std::string_view what) {
  const float largest = maximum_magnitude(values, what);
  grow(largest);
  largest_ = std::max(largest_, largest);
  const double scale = range_ > 0.0 ? static_cast<double>(kBins) / range_ : 0.0;
  for (const float value : values) {
    smallest_ = std::min(smallest_, value);
    if (value == 0.0F) {
      ++zeros_;
      continue;
    }
    const auto bin = static_cast<std::size_t>(std::abs(static_cast<double>(value)) * scale);
    ++bins_[std::min(bin, kBins - 1)];
  }
  count_ += static_cast<std::int64_t>(values.size());
}

// Doubles the range, pairs of bins becoming one, until it holds `magnitude`.
void MagnitudeHistogram::grow(double magnitude) {
  if (bins_.empty()) bins_.assign(kBins, 0);
  if (range_ == 0.0) range_ = magnitude;
  while (range_ < magnitude) {
    for (std::size_t bin = 0; bin < kBins / 2; ++bin) {
      bins_[bin] = bins_[2 * bin] + bins_[2 * bin + 1];
    }
    std::fill(bins_.begin() + kBins / 2, bins_.end(), 0);
    range_ *= 2.0;
  }
}

float choose_range(const MagnitudeHistogram& histogram, int largest_code,
                   const QuantizationScheme& scheme) {
  if (histogram.largest_magnitude() == 0.0F) return 0.0F;
  switch (scheme.activation_range) {
    case RangeMethod::percentile:
      return percentile_range(histogram, scheme.percentile);
    case RangeMethod::mean_squared_error:
      return least_squares_range(histogram, largest_code);
    case RangeMethod::kl_divergence:
      return entropy_range(histogram, largest_code);
    case RangeMethod::max_abs:
      break;
  }
  return histogram.largest_magnitude();
}

}  // namespace mbm
