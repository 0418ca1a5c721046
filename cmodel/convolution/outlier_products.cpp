#include "cmodel/convolution/outlier_products.hpp"

#include <algorithm>
#include <cstdlib>

namespace mbm {

WeightLanes::WeightLanes(std::span<const std::int16_t> weights, std::int64_t groups,
                         std::int64_t channels, std::int64_t length)
    : reduction_length(length),
      stride((channels + kPixelStep - 1) / kPixelStep * kPixelStep +
             kPixelStep),  // a slice may begin anywhere
      magnitudes(static_cast<std::size_t>(groups * length * stride)),
      signs(magnitudes.size(), 1) {
  for (std::int64_t channel = 0; channel < groups * channels; ++channel) {
    const std::int16_t* source = weights.data() + channel * length;
    const std::int64_t lane = channel / channels * length * stride + channel % channels;
    for (std::int64_t row = 0; row < length; ++row) {
      const auto index = static_cast<std::size_t>(lane + row * stride);
      magnitudes[index] = static_cast<std::uint8_t>(std::abs(source[row]));
      if (source[row] < 0) signs[index] = -1;
    }
  }
}

void OutlierSums::add_to(std::int64_t channel, std::int32_t* row) const {
  const std::int32_t* sum = sums_.data() + channel;
  for (const std::uint32_t pixel : pixels_) {
    row[pixel] += *sum;
    sum += stride_;
  }
}

namespace {

// The entries of outliers by (pixel, sign), which end at ends[2 * pixel + negative].
void sort_outliers(std::span<const Outlier> outliers, int pixels, std::vector<std::uint32_t>& ends,
                   std::vector<WeightEntry>& entries) {
  const auto key = [](const Outlier& outlier) {
    return std::size_t{2} * outlier.pixel + (outlier.code < 0 ? 1 : 0);
  };
  ends.assign(static_cast<std::size_t>(2 * pixels + 1), 0);
  for (const Outlier& outlier : outliers) ++ends[key(outlier) + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  entries.resize(outliers.size());
  for (const Outlier& outlier : outliers) {  // the beginning of each key moves to its end
    entries[ends[key(outlier)]++] =
        make_weight_entry(outlier.row, static_cast<std::uint32_t>(std::abs(outlier.code)));
  }
}

}  // namespace

void OutlierProducts::compute(std::int64_t group, const ChannelSlice& slice, int pixels,
                              OutlierSums& tile) const {
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  tile.pixels_.clear();
  if (tile.outliers_.empty()) return;
  sort_outliers(tile.outliers_, pixels, tile.ends_, tile.entries_);
  tile.outliers_.clear();
  for (std::size_t pixel = 0; pixel < static_cast<std::size_t>(pixels); ++pixel) {
    const std::uint32_t begin = pixel == 0 ? 0 : tile.ends_[2 * pixel - 1];
    if (tile.ends_[2 * pixel + 1] != begin) {
      tile.pixels_.push_back(static_cast<std::uint32_t>(pixel));
    }
  }
  const auto padded = [](std::int64_t count) {
    return (count + kPixelStep - 1) / kPixelStep * kPixelStep;
  };
  tile.stride_ = padded(channels);
  tile.lanes_.resize(kLargestTile);
  const std::size_t room = tile.pixels_.size() * static_cast<std::size_t>(tile.stride_);
  if (tile.sums_.size() < room) tile.sums_.resize(room);
  const std::int64_t first_lane =
      group * weights->reduction_length * weights->stride + slice.first_channel;
  std::int32_t* sums = tile.sums_.data();
  for (const std::uint32_t pixel : tile.pixels_) {
    const std::uint32_t first = pixel == 0 ? 0 : tile.ends_[2 * pixel - 1];
    const std::uint32_t negative = tile.ends_[2 * pixel];
    const std::uint32_t end = tile.ends_[2 * pixel + 1];
    for (std::int64_t channel = 0; channel < tile.stride_; channel += kLargestTile) {
      const auto lanes =
          static_cast<int>(std::min<std::int64_t>(tile.stride_ - channel, kLargestTile));
      for (std::uint32_t begin = first; begin < end; begin += kBlockLength) {
        const std::uint32_t last = std::min<std::uint32_t>(begin + kBlockLength, end);
        const std::uint32_t middle = std::clamp(negative, begin, last);
        BlockProduct product;
        product.activations = {weights->magnitudes.data() + first_lane + channel,
                               weights->signs.data() + first_lane + channel, 0, lanes,
                               static_cast<int>(weights->stride)};
        product.last_channel = 1;
        product.table = table.data();
        product.sums = tile.lanes_.data();
        product.overwrite = begin == first;
        product.list.positive = {tile.entries_.data() + begin, middle - begin};
        product.list.negative = {tile.entries_.data() + middle, last - middle};
        kernel.accumulate(product);
      }
      kernel.restore(tile.lanes_.data(), lanes, 0, sums + channel);
    }
    sums += tile.stride_;
  }
}

}  // namespace mbm
