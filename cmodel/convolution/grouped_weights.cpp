#include <algorithm>
#include <cstdlib>

#include "cmodel/convolution/grouped_kernel.hpp"

namespace mbm {
namespace {

// A group without weights: signs 0.
WeightGroup empty_group(std::int64_t padding_row) {
  const auto row = static_cast<std::uint16_t>(padding_row);
  return {{row, row, row, row}, 0};
}

}  // namespace

double grouped_fill(std::span<const std::int16_t> weights, std::int64_t channels) {
  const std::size_t length = weights.size() / static_cast<std::size_t>(channels);
  std::int64_t used = 0;
  std::int64_t slots = 0;
  for (std::size_t begin = 0; begin < weights.size(); begin += length) {
    std::array<std::int64_t, ProductTable::kOperands> counts{};
    for (const std::int16_t code : weights.subspan(begin, length)) {
      ++counts[static_cast<std::size_t>(std::abs(code))];
    }
    for (std::size_t magnitude = 1; magnitude < counts.size(); ++magnitude) {
      used += counts[magnitude];
      slots += (counts[magnitude] + 3) / 4 * 4;
    }
  }
  return slots == 0 ? 1.0 : static_cast<double>(used) / static_cast<double>(slots);
}

GroupedWeights::GroupedWeights(std::int64_t channels, std::int64_t reduction_length)
    : reduction_length_(reduction_length),
      blocks_((reduction_length + kGroupedRows - 1) / kGroupedRows),
      data_(static_cast<std::size_t>(channels * blocks_)) {}

void GroupedWeights::group_channel(std::int64_t channel, std::span<const std::int16_t> weights,
                                   bool skip_zero) {
  for (std::int64_t index = 0; index < blocks_; ++index) {
    const std::int64_t begin = index * kGroupedRows;
    const std::int64_t rows = std::min(kGroupedRows, reduction_length_ - begin);
    const auto codes =
        weights.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(rows));
    std::array<std::uint16_t, ProductTable::kOperands> counts{};
    for (const std::int16_t code : codes) ++counts[static_cast<std::size_t>(std::abs(code))];
    if (skip_zero) counts[0] = 0;

    Block& block = data_[static_cast<std::size_t>(channel * blocks_ + index)];
    std::array<std::size_t, ProductTable::kOperands> next{};  // slot of the next weight
    std::size_t groups = 0;
    for (std::size_t magnitude = 0; magnitude < counts.size(); ++magnitude) {
      next[magnitude] = 4 * groups;
      const auto needed = static_cast<std::uint16_t>((counts[magnitude] + 3) / 4);
      if (needed != 0) block.runs.push_back({static_cast<std::uint16_t>(magnitude), needed});
      groups += needed;
    }
    block.groups.assign(groups + kGroupsAhead, empty_group(rows));
    block.net_count = 0;
    for (std::size_t row = 0; row < codes.size(); ++row) {
      const auto magnitude = static_cast<std::size_t>(std::abs(codes[row]));
      if (magnitude == 0 && skip_zero) continue;
      block.net_count += codes[row] < 0 ? -1 : 1;
      const std::size_t slot = next[magnitude]++;
      WeightGroup& group = block.groups[slot / 4];
      group.rows[slot % 4] = static_cast<std::uint16_t>(row);
      group.signs |= (codes[row] < 0 ? 0xFFU : 0x01U) << (8 * (slot % 4));
    }
  }
}

std::int32_t GroupedWeights::net_count(std::int64_t channel, std::int64_t first_block,
                                       std::int64_t last_block) const {
  std::int32_t net = 0;
  for (std::int64_t index = first_block; index < last_block; ++index) {
    net += block(channel, index).net_count;
  }
  return net;
}

}  // namespace mbm
