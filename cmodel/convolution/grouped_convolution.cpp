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
  LookupKernel packer;  // whose conversion of activations is used
  ConvolutionProblem problem;
  std::span<const std::int16_t> activations;
  const GroupedWeights* weights;
  bool is_signed;
  Sum* out;
};

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
  Scratch::grow(scratch.row, pixels);
  std::int8_t* signs = shared.is_signed ? scratch.signs.data() : nullptr;
  constexpr std::int64_t kSummedBlocks = kSummedProducts / kGroupedRows;
  for (std::int64_t block = 0; block < shared.weights->blocks(); ++block) {
    if (block % kSummedBlocks == 0) std::fill_n(scratch.sums.data(), channels * pixels, 0);
    const std::int64_t first_row = block * kGroupedRows;
    const int rows = static_cast<int>(std::min(kGroupedRows, reduction - first_row));
    tile.pack(shared.packer, shared.activations, group, first_row, rows, scratch.magnitudes.data(),
              signs);
    std::fill_n(scratch.magnitudes.data() + rows * pixels, pixels, std::uint8_t{0});
    std::fill_n(scratch.signs.data() + rows * pixels, pixels, std::int8_t{0});
    kernel.accumulate({scratch.magnitudes.data(), signs, pixels, shared.weights, block, first,
                       first + channels, shared.convolution->table.data(), scratch.sums.data()});
    if ((block + 1) % kSummedBlocks != 0 && block + 1 != shared.weights->blocks()) continue;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      kernel.restore(scratch.sums.data() + channel * pixels, pixels, scratch.row.data());
      tile.add(scratch.row.data(), first + channel, shared.out);
    }
  }
}

}  // namespace

template <typename Sum>
std::vector<Sum> GroupedConvolution::run(const ConvolutionJob& job, const JobRanges& ranges) const {
  std::vector<Sum> result(static_cast<std::size_t>(job.problem.output_count()));
  const auto zero_row = job.table->row(0);
  const bool skip_zero = std::all_of(zero_row.begin(), zero_row.end(),
                                     [](std::uint16_t product) { return product == 0; });
  const auto weights = cache->get({job.problem.output_channels, skip_zero ? 1 : 0}, job.weights,
                                  [&] { return group_weights(job, skip_zero, *pool); });
  const ConvolutionProblem problem = flattened(job.problem);
  const Shared<Sum> shared{
      this,          vbmi_lookup_kernel(kernel->seven_bit), problem,      job.activations,
      weights.get(), ranges.activations.smallest < 0,       result.data()};
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
  return result;
}

template std::vector<std::int32_t> GroupedConvolution::run(const ConvolutionJob&,
                                                           const JobRanges&) const;
template std::vector<std::int64_t> GroupedConvolution::run(const ConvolutionJob&,
                                                           const JobRanges&) const;

}  // namespace mbm
