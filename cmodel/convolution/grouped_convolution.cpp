#include "cmodel/convolution/grouped_convolution.hpp"

#include <algorithm>
#include <cstring>

#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/pixel_tile.hpp"
#include "cmodel/convolution/tiling.hpp"

namespace mbm {
namespace {

GroupedWeights group_weights(const ConvolutionJob& job, bool skip_zero, bool split,
                             ThreadPool& pool) {
  const auto reduction = static_cast<std::size_t>(job.problem.reduction_length());
  GroupedWeights weights(job.problem.output_channels, job.problem.reduction_length());
  pool.for_each(job.problem.output_channels, [&](std::int64_t channel, int) {
    weights.group_channel(
        channel, job.weights.subspan(static_cast<std::size_t>(channel) * reduction, reduction),
        skip_zero);
  });
  if (split) {
    weights.lanes =
        WeightLanes(job.weights, job.problem.groups, job.problem.output_channels_per_group(),
                    job.problem.reduction_length());
  }
  return weights;
}

template <typename Sum>
struct Shared {
  const GroupedConvolution* convolution;
  LookupKernel lookup;  // for the conversion of activations, and the products of large ones
  ConvolutionProblem problem;
  std::span<const std::int16_t> activations;
  const GroupedWeights* weights;
  bool is_signed;
  Sum* out;
};

// Moves the activations above 127 of packed rows to the lists of their pixels; 0 takes their place.
void take_large(std::uint8_t* magnitudes, const std::int8_t* signs, std::int64_t first_row,
                int rows, int pixels, Scratch& scratch) {
  constexpr std::uint64_t kUpperBits = 0x8080808080808080;
  scratch.positive.resize(static_cast<std::size_t>(kGroupedPixels));
  scratch.negative.resize(static_cast<std::size_t>(kGroupedPixels));
  for (auto& list : scratch.positive) list.clear();
  for (auto& list : scratch.negative) list.clear();
  const int count = rows * pixels;
  for (int i = 0; i < count; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, magnitudes + i, sizeof word);
    if ((word & kUpperBits) == 0) continue;
    for (int j = i; j < i + 8; ++j) {
      if (magnitudes[j] < 128) continue;
      const bool negative = signs != nullptr && signs[j] < 0;
      auto& lists = negative ? scratch.negative : scratch.positive;
      lists[static_cast<std::size_t>(j % pixels)].push_back(
          make_weight_entry(static_cast<std::uint32_t>(first_row + j / pixels), magnitudes[j]));
      magnitudes[j] = 0;
    }
  }
}

// Products of the listed activations of one pixel with a row of lanes, added to `sums`.
template <typename Sum>
void multiply_list(const Shared<Sum>& shared, std::span<const WeightEntry> list, bool negative,
                   std::int64_t first_lane, int lanes, std::int32_t* sums) {
  const WeightLanes& weights = shared.weights->lanes;
  while (!list.empty()) {
    const auto some = list.first(std::min<std::size_t>(list.size(), kBlockLength));
    list = list.subspan(some.size());
    BlockProduct product;
    product.activations = {weights.magnitudes.data() + first_lane,
                           weights.signs.data() + first_lane, 0, lanes,
                           static_cast<int>(weights.stride)};
    product.last_channel = 1;
    product.table = shared.convolution->transposed.data();
    product.sums = sums;
    (negative ? product.list.negative : product.list.positive) = some;
    shared.lookup.accumulate(product);
  }
}

// Adds the products of the listed activations to scratch.corrections, (channel, pixel).
template <typename Sum>
void add_large(const Shared<Sum>& shared, std::int64_t group, const ChannelSlice& slice, int pixels,
               Scratch& scratch) {
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  Scratch::grow(scratch.lanes, 2 * kLargestTile);
  std::int32_t* sums = scratch.lanes.data();
  std::int32_t* ordered = sums + kLargestTile;
  for (std::size_t pixel = 0; pixel < static_cast<std::size_t>(pixels); ++pixel) {
    if (scratch.positive[pixel].empty() && scratch.negative[pixel].empty()) continue;
    for (std::int64_t channel = 0; channel < channels; channel += kLargestTile) {
      const std::int64_t count = std::min<std::int64_t>(channels - channel, kLargestTile);
      const auto lanes = static_cast<int>((count + kPixelStep - 1) / kPixelStep * kPixelStep);
      const std::int64_t first_lane =
          group * shared.problem.reduction_length() * shared.weights->lanes.stride +
          slice.first_channel + channel;
      std::fill_n(sums, lanes, 0);
      multiply_list(shared, scratch.positive[pixel], false, first_lane, lanes, sums);
      multiply_list(shared, scratch.negative[pixel], true, first_lane, lanes, sums);
      shared.lookup.restore(sums, lanes, ordered);
      std::int32_t* target =
          scratch.corrections.data() + channel * pixels + static_cast<std::int64_t>(pixel);
      for (std::int64_t i = 0; i < count; ++i) target[i * pixels] += ordered[i];
    }
  }
}

// Sums of one tile of pixels for some channels of one group of the convolution.
template <typename Sum>
void compute_tile(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t group,
                  const ChannelSlice& slice, Scratch& scratch) {
  const GroupedKernel& kernel = *shared.convolution->kernel;
  const std::int64_t reduction = shared.problem.reduction_length();
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  const std::int64_t first =
      group * shared.problem.output_channels_per_group() + slice.first_channel;
  const int pixels = tile.padded_count();
  const std::int64_t most_rows = std::min(kGroupedRows, reduction) + 1;  // and the padding row
  Scratch::grow(scratch.magnitudes, most_rows * pixels);
  Scratch::grow(scratch.signs, most_rows * pixels);
  Scratch::grow(scratch.sums, channels * pixels);
  Scratch::grow(scratch.corrections, channels * pixels);
  Scratch::grow(scratch.row, pixels);
  std::int8_t* signs = shared.is_signed ? scratch.signs.data() : nullptr;
  constexpr std::int64_t kSummedBlocks = kSummedProducts / kGroupedRows;
  for (std::int64_t block = 0; block < shared.weights->blocks(); ++block) {
    if (block % kSummedBlocks == 0) {
      std::fill_n(scratch.sums.data(), channels * pixels, 0);
      std::fill_n(scratch.corrections.data(), channels * pixels, 0);
    }
    const std::int64_t first_row = block * kGroupedRows;
    const int rows = static_cast<int>(std::min(kGroupedRows, reduction - first_row));
    tile.pack(shared.lookup, shared.activations, group, first_row, rows, scratch.magnitudes.data(),
              signs);
    std::fill_n(scratch.magnitudes.data() + rows * pixels, pixels, std::uint8_t{0});
    std::fill_n(scratch.signs.data() + rows * pixels, pixels, std::int8_t{0});
    if (kernel.split) {
      take_large(scratch.magnitudes.data(), signs, first_row, rows, pixels, scratch);
      add_large(shared, group, slice, pixels, scratch);
    }
    kernel.accumulate({scratch.magnitudes.data(), signs, pixels, shared.weights, block, first,
                       first + channels, shared.convolution->table.data(), scratch.sums.data()});
    if ((block + 1) % kSummedBlocks != 0 && block + 1 != shared.weights->blocks()) continue;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      kernel.restore(scratch.sums.data() + channel * pixels, pixels, scratch.row.data());
      for (int i = 0; kernel.split && i < pixels; ++i) {
        scratch.row[static_cast<std::size_t>(i)] +=
            scratch.corrections[static_cast<std::size_t>(channel * pixels + i)];
      }
      tile.put(scratch.row.data(), first + channel, block >= kSummedBlocks, shared.out);
    }
  }
}

}  // namespace

template <typename Sum>
void GroupedConvolution::run(const ConvolutionJob& job, const JobRanges& ranges,
                             std::span<Sum> out) const {
  const auto zero_row = job.table->row(0);
  const bool skip_zero = std::all_of(zero_row.begin(), zero_row.end(),
                                     [](std::uint16_t product) { return product == 0; });
  const auto weights = cache->get(
      {job.problem.output_channels, job.problem.groups, skip_zero ? 1 : 0, kernel->split ? 1 : 0},
      job, [&] { return group_weights(job, skip_zero, kernel->split, *pool); });
  const ConvolutionProblem problem = flattened(job.problem);
  const Shared<Sum> shared{
      this,          vbmi_lookup_kernel(false),       problem,   job.activations,
      weights.get(), ranges.activations.smallest < 0, out.data()};
  const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
  // With signs the registers hold the sums of 64 pixels only.
  const std::int64_t size = shared.is_signed ? kGroupedPixels / 2 : kGroupedPixels;
  const std::int64_t tiles = (pixels + size - 1) / size;
  const auto slices = slice_channels(problem, slices_for(tiles, pool->size()), 1);
  const auto slice_count = static_cast<std::int64_t>(slices.size());
  pool->for_each(tiles * slice_count, [&](std::int64_t index, int worker) {
    const ChannelSlice& slice = slices[static_cast<std::size_t>(index % slice_count)];
    const std::int64_t first = index / slice_count * size;
    const auto count = static_cast<int>(std::min(size, pixels - first));
    const PixelTile tile(problem, first, count);
    for (std::int64_t group = slice.first_group; group < slice.last_group; ++group) {
      compute_tile(shared, tile, group, slice, scratch[static_cast<std::size_t>(worker)]);
    }
  });
}

template void GroupedConvolution::run(const ConvolutionJob&, const JobRanges&,
                                      std::span<std::int32_t>) const;
template void GroupedConvolution::run(const ConvolutionJob&, const JobRanges&,
                                      std::span<std::int64_t>) const;

}  // namespace mbm
