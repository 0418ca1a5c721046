#include "cmodel/convolution/factored_convolution.hpp"

#include <algorithm>
#include <array>

#include "cmodel/convolution/pixel_tile.hpp"
#include "cmodel/convolution/tiling.hpp"

namespace mbm {
namespace {

constexpr int kLargest = 255;

// Factors of operands -255..255, at index operand + 255: odd functions, but for zero.
using SignedFactors = std::array<std::int16_t, 2 * kLargest + 1>;

SignedFactors with_signs(const std::array<std::int16_t, ProductTable::kOperands>& factors) {
  SignedFactors result{};
  for (std::size_t magnitude = 0; magnitude <= kLargest; ++magnitude) {
    result[kLargest - magnitude] = static_cast<std::int16_t>(-factors[magnitude]);
    result[kLargest + magnitude] = factors[magnitude];
  }
  return result;
}

bool is_identity(const std::array<std::int16_t, ProductTable::kOperands>& factors) {
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] != static_cast<std::int16_t>(i)) return false;
  }
  return true;
}

// The factors of the activations for one term: mapped, or the codes themselves.
struct TermActivations {
  AlignedVector<std::int16_t> mapped;
  std::span<const std::int16_t> values;
  std::int16_t zero = 0;  // factor of a padding zero
};

std::vector<TermActivations> map_activations(const FactoredTable& table,
                                             std::span<const std::int16_t> codes,
                                             ThreadPool& pool) {
  std::vector<TermActivations> result(table.terms.size());
  for (std::size_t t = 0; t < result.size(); ++t) {
    const auto& factors = table.terms[t].activation;
    result[t].zero = factors[0];
    result[t].values = codes;
    if (is_identity(factors)) continue;
    const SignedFactors lookup = with_signs(factors);
    result[t].mapped.resize(codes.size());
    std::int16_t* out = result[t].mapped.data();
    constexpr std::size_t kPiece = std::size_t{1} << 15;
    const auto pieces = static_cast<std::int64_t>((codes.size() + kPiece - 1) / kPiece);
    pool.for_each(pieces, [&](std::int64_t piece, int) {
      const std::size_t begin = static_cast<std::size_t>(piece) * kPiece;
      const std::size_t end = std::min(begin + kPiece, codes.size());
      for (std::size_t i = begin; i < end; ++i) {
        out[i] = lookup[static_cast<std::size_t>(codes[i] + kLargest)];
      }
    });
    result[t].values = result[t].mapped;
  }
  return result;
}

FactoredWeights pack_weights(const ConvolutionJob& job, const FactoredTable& table,
                             ThreadPool& pool) {
  const ConvolutionProblem& problem = job.problem;
  const std::int64_t reduction = problem.reduction_length();
  const std::int64_t channels = problem.output_channels_per_group();
  FactoredWeights weights;
  weights.terms = static_cast<std::int64_t>(table.terms.size());
  weights.block_rows =
      std::min(reduction, std::max<std::int64_t>(1, kFactoredBlock / weights.terms));
  weights.blocks = (reduction + weights.block_rows - 1) / weights.block_rows;
  weights.block_pairs = (weights.block_rows * weights.terms + 1) / 2;
  weights.panels = (channels + kFactoredChannels - 1) / kFactoredChannels;
  weights.factors.resize(
      static_cast<std::size_t>(problem.groups * weights.panels * weights.panel_stride()));
  std::vector<SignedFactors> lookups;
  for (const auto& term : table.terms) lookups.push_back(with_signs(term.weight));
  pool.for_each(problem.output_channels, [&](std::int64_t channel, int) {
    const std::int64_t lane = channel % channels % kFactoredChannels;
    const std::int64_t panel = channel % channels / kFactoredChannels;
    const std::int16_t* codes = job.weights.data() + channel * reduction;
    for (std::int64_t block = 0; block < weights.blocks; ++block) {
      const std::int64_t first = block * weights.block_rows;
      const std::int64_t rows = std::min(weights.block_rows, reduction - first);
      std::int16_t* out = weights.factors.data() +
                          weights.block_offset(channel / channels, panel, block) + 2 * lane;
      for (std::int64_t t = 0; t < weights.terms; ++t) {
        const SignedFactors& lookup = lookups[static_cast<std::size_t>(t)];
        std::int64_t row = t;
        for (std::int64_t k = 0; k < rows; ++k, row += weights.terms) {
          out[row / 2 * 2 * kFactoredChannels + row % 2] =
              lookup[static_cast<std::size_t>(codes[first + k] + kLargest)];
        }
      }
    }
  });
  return weights;
}

template <typename Sum>
struct Shared {
  const FactoredKernel* kernel;
  ConvolutionProblem problem;
  const std::vector<TermActivations>* activations;
  const FactoredWeights* weights;
  Sum* out;
};

// Packs one block of a tile: panels of kFactoredPixels pixels, `block_pairs` pairs each.
template <typename Sum>
void pack_block(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t group,
                std::int64_t block, Scratch& scratch) {
  const FactoredWeights& weights = *shared.weights;
  const std::int64_t pixels = tile.padded_count();
  const std::int64_t first_row = block * weights.block_rows;
  const std::int64_t rows =
      std::min(weights.block_rows, shared.problem.reduction_length() - first_row);
  const std::int64_t used = rows * weights.terms;
  Scratch::grow(scratch.codes, (2 * weights.block_pairs) * pixels);
  Scratch::grow(scratch.pairs, 2 * weights.block_pairs * pixels);
  for (std::int64_t t = 0; t < weights.terms; ++t) {
    const TermActivations& activations = (*shared.activations)[static_cast<std::size_t>(t)];
    tile.pack_codes(activations.values, activations.zero, group, first_row, static_cast<int>(rows),
                    weights.terms * pixels, scratch.codes.data() + t * pixels);
  }
  // Rows past the last have weights of zero; they only need to hold something.
  std::fill_n(scratch.codes.data() + used * pixels, (2 * weights.block_pairs - used) * pixels,
              std::int16_t{0});
  for (std::int64_t panel = 0; panel < pixels / kFactoredPixels; ++panel) {
    for (std::int64_t pair = 0; pair < weights.block_pairs; ++pair) {
      const std::int16_t* source =
          scratch.codes.data() + 2 * pair * pixels + panel * kFactoredPixels;
      shared.kernel->interleave(
          source, source + pixels,
          scratch.pairs.data() + (panel * weights.block_pairs + pair) * 2 * kFactoredPixels);
    }
  }
}

// Sets the sums of a tile in the result, or adds to them.
template <typename Sum>
void put_tile(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t first_channel,
              std::int64_t channels, bool add, Scratch& scratch) {
  const std::int64_t pixels = tile.padded_count();
  Scratch::grow(scratch.row, pixels);
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < pixels; pixel += kFactoredPixels) {
      shared.kernel->restore(scratch.sums.data() + channel * pixels + pixel,
                             scratch.row.data() + pixel);
    }
    tile.put(scratch.row.data(), first_channel + channel, add, shared.out);
  }
}

template <typename Sum>
void compute_tile(const Shared<Sum>& shared, const PixelTile& tile, std::int64_t group,
                  const ChannelSlice& slice, Scratch& scratch) {
  const FactoredWeights& weights = *shared.weights;
  const std::int64_t pixels = tile.padded_count();
  const std::int64_t channels = slice.last_channel - slice.first_channel;
  const std::int64_t first_panel = slice.first_channel / kFactoredChannels;
  const std::int64_t panels = (channels + kFactoredChannels - 1) / kFactoredChannels;
  const std::int64_t summed_blocks =
      std::max<std::int64_t>(1, kSummedProducts / weights.block_rows);
  const std::int64_t count = panels * kFactoredChannels * pixels;
  Scratch::grow(scratch.sums, count);
  for (std::int64_t block = 0; block < weights.blocks; ++block) {
    if (block % summed_blocks == 0) std::fill_n(scratch.sums.data(), count, 0);
    pack_block(shared, tile, group, block, scratch);
    for (std::int64_t panel = 0; panel < pixels / kFactoredPixels; ++panel) {
      shared.kernel->accumulate(
          {scratch.pairs.data() + panel * weights.block_pairs * 2 * kFactoredPixels,
           weights.factors.data() + weights.block_offset(group, first_panel, block),
           weights.panel_stride(), weights.block_pairs, panels,
           scratch.sums.data() + panel * kFactoredPixels, pixels});
    }
    if ((block + 1) % summed_blocks == 0 || block + 1 == weights.blocks) {
      put_tile(shared, tile,
               group * shared.problem.output_channels_per_group() + slice.first_channel, channels,
               block >= summed_blocks, scratch);
    }
  }
}

}  // namespace

template <typename Sum>
void FactoredConvolution::run(const ConvolutionJob& job, std::span<Sum> out) const {
  const auto activations = map_activations(*table, job.activations, *pool);
  const WeightCache<FactoredWeights>::Key key{job.problem.output_channels, job.problem.groups,
                                              table_id};
  const auto weights = cache->get(key, job, [&] { return pack_weights(job, *table, *pool); });
  const ConvolutionProblem problem = flattened(job.problem);
  const Shared<Sum> shared{kernel, problem, &activations, weights.get(), out.data()};
  const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
  const std::int64_t size = choose_tile_size(pixels);
  const std::int64_t tiles = (pixels + size - 1) / size;
  const auto slices = slice_channels(problem, slices_for(tiles, pool->size()), kFactoredChannels);
  const auto slice_count = static_cast<std::int64_t>(slices.size());
  pool->for_each(tiles * slice_count, [&](std::int64_t index, int worker) {
    const ChannelSlice& slice = slices[static_cast<std::size_t>(index % slice_count)];
    const std::int64_t first = index / slice_count * size;
    const PixelTile tile(problem, first, static_cast<int>(std::min(size, pixels - first)));
    for (std::int64_t group = slice.first_group; group < slice.last_group; ++group) {
      compute_tile(shared, tile, group, slice, scratch[static_cast<std::size_t>(worker)]);
    }
  });
}

template void FactoredConvolution::run(const ConvolutionJob&, std::span<std::int32_t>) const;
template void FactoredConvolution::run(const ConvolutionJob&, std::span<std::int64_t>) const;

}  // namespace mbm
