#include <algorithm>

#include "cmodel/convolution/lookup_kernel.hpp"

namespace mbm {

PackedWeights::PackedWeights(std::int64_t channels, std::int64_t reduction_length, int block_length)
    : channels_(channels),
      reduction_length_(reduction_length),
      block_length_(block_length),
      blocks_((reduction_length + block_length - 1) / block_length),
      entries_(static_cast<std::size_t>(channels * reduction_length)),
      counts_(static_cast<std::size_t>(channels * blocks_)) {}

void PackedWeights::pack_channel(std::int64_t channel, std::span<const std::int16_t> weights,
                                 std::span<const std::uint32_t> rows, bool skip_zero) {
  const int keep_zero = skip_zero ? 0 : 1;
  for (std::int64_t block = 0; block < blocks_; ++block) {
    const std::int64_t begin = block * block_length_;
    const std::int64_t end = std::min(begin + block_length_, reduction_length_);
    WeightEntry* front = entries_.data() + channel * reduction_length_ + begin;
    WeightEntry* back = entries_.data() + channel * reduction_length_ + end;
    WeightEntry* const first = front;
    WeightEntry* const last = back;
    // Every weight is written to both ends and one end moves: no branch on its sign. The two ends
    // meet in the last slot only, where both writes are the same.
    for (std::int64_t k = begin; k < end; ++k) {
      const int weight = weights[static_cast<std::size_t>(k)];
      const WeightEntry entry = make_weight_entry(rows[static_cast<std::size_t>(k - begin)],
                                                  static_cast<std::uint32_t>(std::abs(weight)));
      *front = entry;
      *(back - 1) = entry;
      front += static_cast<int>(weight > 0) | (static_cast<int>(weight == 0) & keep_zero);
      back -= weight < 0 ? 1 : 0;
    }
    const auto is_small = [&](WeightEntry entry) { return magnitude(entry) < small_; };
    const WeightEntry* small_front = first;
    const WeightEntry* small_back = back;
    if (small_ != 0) {
      small_front = std::partition(first, front, is_small);
      small_back = std::partition(back, last, is_small);
    }
    counts_[static_cast<std::size_t>(channel * blocks_ + block)] = {
        static_cast<std::uint16_t>(front - first), static_cast<std::uint16_t>(last - back),
        static_cast<std::uint16_t>(small_front - first),
        static_cast<std::uint16_t>(small_back - back)};
  }
}

WeightBlock PackedWeights::block(std::int64_t channel, std::int64_t block) const {
  const std::int64_t begin = block * block_length_;
  const std::int64_t end = std::min(begin + block_length_, reduction_length_);
  const Counts counts = counts_[static_cast<std::size_t>(channel * blocks_ + block)];
  const WeightEntry* row = entries_.data() + channel * reduction_length_;
  return {{row + begin, counts.positive},
          {row + end - counts.negative, counts.negative},
          counts.small_positive,
          counts.small_negative};
}

std::int32_t PackedWeights::net_count(std::int64_t channel, std::int64_t first_block,
                                      std::int64_t last_block) const {
  std::int32_t net = 0;
  for (std::int64_t block = first_block; block < last_block; ++block) {
    const Counts& counts = counts_[static_cast<std::size_t>(channel * blocks_ + block)];
    net += counts.positive - counts.negative;
  }
  return net;
}

}  // namespace mbm
