#include "cmodel/convolution/grouped_convolution.hpp"

#include <algorithm>

#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/pixel_tile.hpp"
#include "cmodel/convolution/tiling.hpp"

namespace mbm {
namespace {

GroupedWeights group_weights(const ConvolutionJob& job, bool skip_zero, ThreadPool& pool) {
  const auto reduction = static_cast<std::size_t>(job.problem.reduction_length());
  GroupedWeights weights(job.problem.output_channels, job.problem.reduction_length());
  pool.for_each(job.problem.output_channels, [&](std::int64_t channel, int) {
    weights.group_channel(
        channel, job.weights.subspan(static_cast<std::size_t>(channel) * reduction, reduction),
        skip_zero);
  });
  return weights;
}

template <typename Sum>
struct Shared {
  const GroupedConvolution* convolution;
  ConvolutionProblem problem;
  const GroupedWeights* weights;
  Sum* out;
};

// Sums of one tile of pixels for some channels of one group of the convolution.
template <typename Sum>
void compute_tile(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t group,
                  const ChannelSlice& slice, Scratch& scratch) {
  const GroupedKernel& kernel = *shared.convolution->kernel;
  const ActivationWindow& window = shared.convolution->window;
  const OutlierProducts* outliers = shared.convolution->outliers;
  const std::int64_t reduction = shared.problem.reduction_length();
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  const std::int64_t first =
      group * shared.problem.output_channels_per_group() + slice.first_channel;
  const int pixels = tile.padded_count();
  const std::int64_t most_rows = std::min(kGroupedRows, reduction) + 1;  // and the padding row
  Scratch::grow(scratch.magnitudes, most_rows * pixels);
  Scratch::grow(scratch.sums, channels * pixels);
  Scratch::grow(scratch.row, pixels);
  constexpr std::int64_t kSummedBlocks = kSummedProducts / kGroupedRows;
  std::int64_t first_block = 0;  // of those that are summed in int32
  for (std::int64_t block = 0; block < shared.weights->blocks(); ++block) {
    if (block == first_block) std::fill_n(scratch.sums.data(), channels * pixels, 0);
    const std::int64_t first_row = block * kGroupedRows;
    const int rows = static_cast<int>(std::min(kGroupedRows, reduction - first_row));
    tile.pack(*shared.convolution->activations, group, first_row, rows, scratch.magnitudes.data(),
              nullptr, scratch.outliers.outliers());
    std::fill_n(scratch.magnitudes.data() + rows * pixels, pixels, std::uint8_t{0});
    kernel.accumulate({scratch.magnitudes.data(), pixels, shared.weights, block, first,
                       first + channels, shared.convolution->table.data(), scratch.sums.data()});
    if (block + 1 != first_block + kSummedBlocks && block + 1 != shared.weights->blocks()) continue;
    if (outliers != nullptr) outliers->compute(group, slice, pixels, scratch.outliers);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const std::int32_t net = shared.weights->net_count(first + channel, first_block, block + 1);
      kernel.restore(scratch.sums.data() + channel * pixels, pixels, -window.bias * net,
                     scratch.row.data());
      if (outliers != nullptr) scratch.outliers.add_to(channel, scratch.row.data());
      tile.put(scratch.row.data(), first + channel, first_block > 0, shared.out);
    }
    first_block = block + 1;
  }
}

}  // namespace

template <typename Sum>
void GroupedConvolution::run(const ConvolutionJob& job, std::span<Sum> out) const {
  const auto zero_row = job.table->row(0);
  const bool skip_zero = std::all_of(zero_row.begin(), zero_row.end(),
                                     [](std::uint16_t product) { return product == 0; });
  const auto weights = cache->get({job.problem.output_channels, skip_zero ? 1 : 0}, job,
                                  [&] { return group_weights(job, skip_zero, *pool); });
  const ConvolutionProblem problem = flattened(job.problem);
  activations->pack(vbmi_lookup_kernel(kernel->window_size), window, false, problem,
                    job.activations, *pool);
  const Shared<Sum> shared{this, problem, weights.get(), out.data()};
  const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
  const std::int64_t tiles = (pixels + kGroupedPixels - 1) / kGroupedPixels;
  const auto slices = slice_channels(problem, slices_for(tiles, pool->size()), 1);
  const auto slice_count = static_cast<std::int64_t>(slices.size());
  pool->for_each(tiles * slice_count, [&](std::int64_t index, int worker) {
    const ChannelSlice& slice = slices[static_cast<std::size_t>(index % slice_count)];
    const std::int64_t first = index / slice_count * kGroupedPixels;
    const auto count = static_cast<int>(std::min<std::int64_t>(kGroupedPixels, pixels - first));
    const PixelTile tile(problem, first, count);
    for (std::int64_t group = slice.first_group; group < slice.last_group; ++group) {
      compute_tile(shared, tile, group, slice, scratch[static_cast<std::size_t>(worker)]);
    }
  });
}

template void GroupedConvolution::run(const ConvolutionJob&, std::span<std::int32_t>) const;
template void GroupedConvolution::run(const ConvolutionJob&, std::span<std::int64_t>) const;

}  // namespace mbm
