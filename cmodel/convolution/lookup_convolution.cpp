#include "cmodel/convolution/lookup_convolution.hpp"

#include <algorithm>
#include <numeric>

#include "cmodel/convolution/pixel_tile.hpp"
#include "cmodel/convolution/plane_tile.hpp"
#include "cmodel/convolution/tiling.hpp"

namespace mbm {
namespace {

// What the tiles of one run share.
template <typename Sum>
struct Shared {
  const LookupConvolution* convolution;
  ConvolutionProblem problem;
  const PackedActivations& activations;
  const PackedWeights* weights;
  std::int64_t block_length;  // of the weights
  bool is_signed;             // activations have signs apart
  Sum* out;

  const LookupKernel& kernel() const { return *convolution->kernel; }

  // Blocks whose sums fit in int32.
  std::int64_t summed_blocks() const { return kSummedProducts / block_length; }
};

PackedWeights pack_weights(const ConvolutionJob& job, const JobRanges& ranges, int block_length,
                           std::span<const std::uint32_t> rows, bool skip_zero, std::size_t small,
                           ThreadPool& pool) {
  const std::int64_t reduction = job.problem.reduction_length();
  PackedWeights weights(job.problem.output_channels, reduction, block_length);
  weights.set_small(small);
  weights.set_largest_magnitude(static_cast<std::size_t>(ranges.weights.magnitude()));
  constexpr std::int64_t kChannels = 16;  // of one index of the loop
  const std::int64_t count = (job.problem.output_channels + kChannels - 1) / kChannels;
  pool.for_each(count, [&](std::int64_t index, int) {
    const std::int64_t end = std::min((index + 1) * kChannels, job.problem.output_channels);
    for (std::int64_t channel = index * kChannels; channel < end; ++channel) {
      weights.pack_channel(channel,
                           job.weights.subspan(static_cast<std::size_t>(channel * reduction),
                                               static_cast<std::size_t>(reduction)),
                           rows, skip_zero);
    }
  });
  return weights;
}

std::shared_ptr<const PackedWeights> cached_weights(const LookupConvolution& convolution,
                                                    const ConvolutionJob& job,
                                                    const JobRanges& ranges, int block_length,
                                                    std::span<const std::uint32_t> rows) {
  const auto zero_row = job.table->row(0);
  const bool skip_zero = std::all_of(zero_row.begin(), zero_row.end(),
                                     [](std::uint16_t product) { return product == 0; });
  WeightCache<PackedWeights>::Key key(rows.begin(), rows.end());
  const std::size_t small = convolution.kernel->paired ? first_unpaired_weight(*job.table) : 0;
  key.insert(key.end(), {block_length, job.problem.output_channels, skip_zero ? 1 : 0,
                         static_cast<std::int64_t>(small)});
  return convolution.cache->get(key, job, [&] {
    return pack_weights(job, ranges, block_length, rows, skip_zero, small, *convolution.pool);
  });
}

// Sums of one tile of pixels for some channels of one group.
template <typename Sum>
void compute_pixels(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t group,
                    const ChannelSlice& slice, Scratch& scratch) {
  const std::int64_t reduction = shared.problem.reduction_length();
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  const std::int64_t first =
      group * shared.problem.output_channels_per_group() + slice.first_channel;
  const int pixels = tile.padded_count();
  Scratch::grow(scratch.magnitudes, shared.block_length * pixels);
  Scratch::grow(scratch.signs, shared.block_length * pixels);
  Scratch::grow(scratch.sums, channels * pixels);
  Scratch::grow(scratch.row, pixels);
  std::int8_t* signs = shared.is_signed ? scratch.signs.data() : nullptr;
  const ActivationWindow& window = shared.convolution->window;
  const OutlierProducts* outliers = shared.convolution->outliers;
  std::int64_t first_block = 0;  // of those that are summed in int32
  for (std::int64_t block = 0; block < shared.weights->blocks(); ++block) {
    const std::int64_t first_row = block * shared.block_length;
    const int rows = static_cast<int>(std::min(shared.block_length, reduction - first_row));
    tile.pack(shared.activations, group, first_row, rows, scratch.magnitudes.data(), signs,
              scratch.outliers.outliers());
    shared.kernel().accumulate({{scratch.magnitudes.data(), signs, rows, pixels, pixels},
                                shared.weights,
                                block,
                                first,
                                first + channels,
                                shared.convolution->table.data(),
                                scratch.sums.data(),
                                block == first_block});
    const bool complete =
        block + 1 == first_block + shared.summed_blocks() || block + 1 == shared.weights->blocks();
    if (!complete) continue;
    if (outliers != nullptr) outliers->compute(group, slice, pixels, scratch.outliers);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const std::int32_t net = shared.weights->net_count(first + channel, first_block, block + 1);
      shared.kernel().restore(scratch.sums.data() + channel * pixels, pixels, -window.bias * net,
                              scratch.row.data());
      if (outliers != nullptr) scratch.outliers.add_to(channel, scratch.row.data());
      tile.put(scratch.row.data(), first + channel, first_block > 0, shared.out);
    }
    first_block = block + 1;
  }
}

template <typename Sum>
void run_pixels(const Shared<Sum>& shared) {
  const ConvolutionProblem& problem = shared.problem;
  ThreadPool& pool = *shared.convolution->pool;
  const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
  const std::int64_t size = choose_tile_size(pixels);
  const std::int64_t tiles = (pixels + size - 1) / size;
  const auto slices = slice_channels(problem, slices_for(tiles, pool.size()), 1);
  const auto slice_count = static_cast<std::int64_t>(slices.size());
  pool.for_each(tiles * slice_count, [&](std::int64_t index, int worker) {
    const ChannelSlice& slice = slices[static_cast<std::size_t>(index % slice_count)];
    const std::int64_t first = index / slice_count * size;
    const PixelTile tile(problem, first, static_cast<int>(std::min(size, pixels - first)));
    for (std::int64_t group = slice.first_group; group < slice.last_group; ++group) {
      compute_pixels(shared, tile, group, slice,
                     shared.convolution->scratch[static_cast<std::size_t>(worker)]);
    }
  });
}

// How planes are cut for a problem.
struct PlaneCut {
  std::int64_t channels = 0;  // input channels of a block
  std::int64_t rows = 0;      // output rows of a tile

  PlaneCut(const ConvolutionProblem& problem, const LookupKernel& kernel) {
    // Of a tile, unless a row has more: the sums of all channels stay in the second-level cache.
    const std::int64_t lanes = 16 * kLargestTile / problem.output_channels_per_group();
    const std::int64_t taps = problem.kernel_height * problem.kernel_width;
    channels = std::min(kernel.block_length / taps, problem.input_channels_per_group());
    const PlaneTile row(problem, 0, 0, 1, 1);
    rows = std::clamp<std::int64_t>(
        std::max<std::int64_t>(lanes, 3 * kLargestTile) / std::max<std::int64_t>(row.outputs(), 1),
        1, problem.output_height());
  }

  // Where the taps of a block lie within its planes.
  std::vector<std::uint32_t> weight_rows(const ConvolutionProblem& problem) const {
    const PlaneTile tile(problem, 0, 0, rows, rows);
    std::vector<std::uint32_t> offsets;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t i = 0; i < problem.kernel_height; ++i) {
        for (std::int64_t j = 0; j < problem.kernel_width; ++j) {
          offsets.push_back(
              static_cast<std::uint32_t>(c * tile.channel_size() + tile.tap_offset(i, j)));
        }
      }
    }
    return offsets;
  }
};

// Calls body(first lane, lanes) for pieces of at most kLargestTile lanes.
template <typename Body>
void for_each_piece(std::int64_t lanes, const Body& body) {
  for (std::int64_t lane = 0; lane < lanes; lane += kLargestTile) {
    body(lane, static_cast<int>(std::min<std::int64_t>(kLargestTile, lanes - lane)));
  }
}

// Moves the sums of channel `channel` of all, the `lane_channel`-th of the tile, to the output.
template <typename Sum>
void put_lanes(const Shared<Sum>& shared, const PlaneTile& tile, std::int64_t channel, bool add,
               std::int32_t offset, const std::int32_t* sums, std::int64_t lane_channel,
               Scratch& scratch) {
  const std::int64_t channels = shared.problem.output_channels_per_group();
  std::int32_t* direct = nullptr;
  if constexpr (sizeof(Sum) == sizeof(std::int32_t)) {
    if (tile.is_contiguous() && !add) direct = shared.out + tile.first_output(channel);
  }
  for_each_piece(tile.lanes(), [&](std::int64_t lane, int count) {
    const std::int32_t* source = sums + lane * channels + lane_channel * count;
    if (direct != nullptr && lane + count <= tile.outputs()) {
      shared.kernel().restore(source, count, offset, direct + lane);
      return;
    }
    shared.kernel().restore(source, count, offset, scratch.row.data() + lane);
    if (direct == nullptr) return;
    std::copy(scratch.row.data() + lane, scratch.row.data() + tile.outputs(), direct + lane);
  });
  if (direct == nullptr) tile.put(scratch.row.data(), channel, add, shared.out);
}

// Sums of one strip of rows for all channels of one group.
template <typename Sum>
void compute_planes(const Shared<Sum>& shared, const PlaneTile& tile, std::int64_t block_channels,
                    std::int64_t group, Scratch& scratch) {
  const std::int64_t channels = shared.problem.output_channels_per_group();
  const std::int64_t inputs = shared.problem.input_channels_per_group();
  const std::int64_t lanes = tile.lanes();
  const std::int64_t bytes = block_channels * tile.channel_size() + PlaneTile::kSlack;
  Scratch::grow(scratch.magnitudes, bytes);
  Scratch::grow(scratch.signs, bytes);
  Scratch::grow(scratch.sums, channels * lanes);
  Scratch::grow(scratch.row, lanes);
  std::int8_t* signs = shared.is_signed ? scratch.signs.data() : nullptr;
  const ActivationWindow& window = shared.convolution->window;
  std::int64_t first_block = 0;  // of those that are summed in int32
  for (std::int64_t block = 0; block < shared.weights->blocks(); ++block) {
    const std::int64_t first = block * block_channels;
    tile.pack(shared.activations, group * inputs + first, std::min(block_channels, inputs - first),
              scratch.magnitudes.data(), signs);
    for_each_piece(lanes, [&](std::int64_t lane, int count) {
      shared.kernel().accumulate({{scratch.magnitudes.data() + lane,
                                   signs == nullptr ? nullptr : signs + lane, 0, count, 1},
                                  shared.weights,
                                  block,
                                  group * channels,
                                  (group + 1) * channels,
                                  shared.convolution->table.data(),
                                  scratch.sums.data() + lane * channels,
                                  block == first_block});
    });
    const bool complete =
        block + 1 == first_block + shared.summed_blocks() || block + 1 == shared.weights->blocks();
    if (!complete) continue;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const std::int64_t out_channel = group * channels + channel;
      const std::int32_t net = shared.weights->net_count(out_channel, first_block, block + 1);
      put_lanes(shared, tile, out_channel, first_block > 0, -window.bias * net, scratch.sums.data(),
                channel, scratch);
    }
    first_block = block + 1;
  }
}

template <typename Sum>
void run_planes(const Shared<Sum>& shared, const PlaneCut& cut) {
  const ConvolutionProblem& problem = shared.problem;
  const std::int64_t height = problem.output_height();
  const std::int64_t strips = (height + cut.rows - 1) / cut.rows;
  const std::int64_t count = problem.batch * problem.groups * strips;
  shared.convolution->pool->for_each(count, [&](std::int64_t index, int worker) {
    const std::int64_t first_row = index % strips * cut.rows;
    const PlaneTile tile(problem, index / strips / problem.groups, first_row,
                         std::min(cut.rows, height - first_row), cut.rows);
    compute_planes(shared, tile, cut.channels, index / strips % problem.groups,
                   shared.convolution->scratch[static_cast<std::size_t>(worker)]);
  });
}

}  // namespace

bool LookupConvolution::reads_planes(const LookupKernel& kernel,
                                     const ConvolutionProblem& problem) {
  constexpr std::int64_t kFewChannels = 16;
  const std::int64_t taps = problem.kernel_height * problem.kernel_width;
  return kernel.any_row_stride && taps <= kernel.block_length &&
         problem.output_channels_per_group() <= kFewChannels;
}

template <typename Sum>
void LookupConvolution::run(const ConvolutionJob& job, const JobRanges& ranges,
                            std::span<Sum> out) const {
  const bool is_signed = kernel->window_size == 0 && ranges.activations.smallest < 0;
  activations->pack(*kernel, window, is_signed, job.problem, job.activations, *pool);
  Shared<Sum> shared{this, job.problem, *activations, nullptr, 0, is_signed, out.data()};
  if (outliers == nullptr && reads_planes(*kernel, job.problem)) {
    const PlaneCut cut(job.problem, *kernel);
    shared.block_length = cut.channels * job.problem.kernel_height * job.problem.kernel_width;
    const auto weights = cached_weights(*this, job, ranges, static_cast<int>(shared.block_length),
                                        cut.weight_rows(job.problem));
    shared.weights = weights.get();
    run_planes(shared, cut);
  } else {
    shared.problem = flattened(job.problem);
    shared.block_length = kernel->block_length;
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(kernel->block_length));
    std::iota(rows.begin(), rows.end(), 0U);
    const auto weights = cached_weights(*this, job, ranges, kernel->block_length, rows);
    shared.weights = weights.get();
    run_pixels(shared);
  }
}

template void LookupConvolution::run(const ConvolutionJob&, const JobRanges&,
                                     std::span<std::int32_t>) const;
template void LookupConvolution::run(const ConvolutionJob&, const JobRanges&,
                                     std::span<std::int64_t>) const;

}  // namespace mbm
