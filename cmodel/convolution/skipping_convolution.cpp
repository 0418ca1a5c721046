#include "cmodel/convolution/skipping_convolution.hpp"

#include <algorithm>
#include <array>

#include "cmodel/convolution/pixel_tile.hpp"

namespace mbm {
namespace {

constexpr int kTilePixels = 64;    // of the output
constexpr int kListedPixels = 16;  // of the input, whose lists are written at once

std::int64_t divide_up(std::int64_t value, std::int64_t by) {
  return (value + by - 1) / by;
}

// Blocks of input channels of a group, of equal size but for the last.
struct InputBlocks {
  explicit InputBlocks(const ConvolutionProblem& problem)
      : channels(problem.input_channels_per_group()),
        count(divide_up(channels, kSkippingBlock)),
        size(divide_up(channels, count)) {}

  std::int64_t channels;
  std::int64_t count;
  std::int64_t size;
};

// Slices of output channels of a group, of equally many vectors.
struct OutputSlices {
  explicit OutputSlices(const ConvolutionProblem& problem) {
    const std::int64_t all = divide_up(problem.output_channels_per_group(), kSkippingLanes);
    count = divide_up(all, kSkippingVectors);
    vectors = divide_up(all, count);
  }

  std::int64_t count;
  std::int64_t vectors;
};

}  // namespace

void SparseActivations::pack(const ConvolutionProblem& problem,
                             std::span<const std::int16_t> activations, ThreadPool& pool) {
  const InputBlocks blocks(problem);
  plane_ = problem.input_height * problem.input_width;
  room_ = static_cast<std::size_t>(blocks.size);
  const std::int64_t lists = problem.batch * problem.groups * blocks.count * plane_;
  const auto list_count = static_cast<std::size_t>(lists);
  if (counts_.size() < list_count) counts_.resize(list_count);
  const std::size_t needed = list_count * room_;
  if (entries_.size() < needed) entries_.resize(needed);
  const std::int64_t pieces = divide_up(plane_, kListedPixels);
  pool.for_each(lists / plane_ * pieces, [&](std::int64_t index, int) {
    const std::int64_t first = index % pieces * kListedPixels;
    const std::int64_t count = std::min<std::int64_t>(kListedPixels, plane_ - first);
    const std::int64_t block = index / pieces;
    const std::int64_t channel = block % blocks.count * blocks.size;
    const std::int64_t channels = std::min(blocks.size, blocks.channels - channel);
    const std::int64_t plane = block / blocks.count * blocks.channels + channel;
    const std::int16_t* source = activations.data() + plane * plane_ + first;
    const auto list = static_cast<std::size_t>(block * plane_ + first);
    std::uint32_t* counts = counts_.data() + list;
    ActivationEntry* entries = entries_.data() + list * room_;
    std::fill_n(counts, count, 0U);
    for (std::uint32_t i = 0; i < channels; ++i, source += plane_) {
      for (std::int64_t pixel = 0; pixel < count; ++pixel) {
        // Written in any case, kept if it counts: zeros are too irregular for branches.
        const auto end = static_cast<std::size_t>(pixel) * room_ + counts[pixel];
        entries[end] = make_activation_entry(i, source[pixel]);
        counts[pixel] += source[pixel] != 0 ? 1 : 0;
      }
    }
  });
}

LanedWeights::LanedWeights(const ConvolutionProblem& problem, std::span<const std::int16_t> weights)
    : taps_(problem.kernel_height * problem.kernel_width),
      channels_(problem.input_channels_per_group()) {
  const std::int64_t outputs = problem.output_channels_per_group();
  const OutputSlices slices(problem);
  slices_ = slices.count;
  vectors_ = static_cast<int>(slices.vectors);
  const std::int64_t rows = problem.groups * slices_ * taps_ * channels_;
  bytes_.resize(static_cast<std::size_t>(rows * slice_channels()));
  const std::int16_t* source = weights.data();
  for (std::int64_t output = 0; output < problem.output_channels; ++output) {
    const std::int64_t lane = output % outputs % slice_channels();
    const std::int64_t slice = output / outputs * slices_ + output % outputs / slice_channels();
    std::uint8_t* target = bytes_.data() + slice * taps_ * channels_ * slice_channels() +
                           lane / kSkippingLanes * kSkippingLanes +
                           SkippingKernel::lane_of_channel(static_cast<int>(lane % kSkippingLanes));
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
      for (std::int64_t tap = 0; tap < taps_; ++tap) {
        target[(tap * channels_ + channel) * slice_channels()] =
            SkippingKernel::weight_byte(*source++);
      }
    }
  }
}

double SkippingConvolution::padding(const ConvolutionProblem& problem) {
  const OutputSlices slices(problem);
  return static_cast<double>(slices.count * slices.vectors * kSkippingLanes) /
         static_cast<double>(problem.output_channels_per_group());
}

namespace {

// Where the output pixels of a tile begin to read, and what they sum.
struct Pixel {
  std::int64_t image;
  std::int64_t top;
  std::int64_t left;
};

template <typename Sum>
struct Shared {
  const SkippingConvolution* convolution;
  ConvolutionProblem problem;
  const LanedWeights* weights;
  InputBlocks blocks;
  Sum* out;
};

std::array<Pixel, kTilePixels> pixels_of_tile(const ConvolutionProblem& p, std::int64_t first,
                                              int count) {
  const std::int64_t width = p.output_width();
  std::array<Pixel, kTilePixels> pixels{};
  for (int i = 0; i < count; ++i) {
    const std::int64_t row = (first + i) / width;
    pixels[static_cast<std::size_t>(i)] = {row / p.output_height(),
                                           row % p.output_height() * p.stride - p.padding,
                                           (first + i) % width * p.stride - p.padding};
  }
  return pixels;
}

// Sums of one tile of pixels for one slice of the output channels of a group, in rows of `stride`.
// A block of weights stays in the first-level cache for all pixels of the tile.
template <typename Sum>
void sum_tile(const Shared<Sum>& shared, std::span<const Pixel> pixels, std::int64_t group,
              std::int64_t slice, std::int64_t stride, std::int32_t* sums) {
  const ConvolutionProblem& p = shared.problem;
  const SparseActivations& activations = *shared.convolution->activations;
  SkippingProduct product;
  product.table = shared.convolution->table.data();
  product.vectors = shared.weights->vectors();
  for (std::int64_t tap = 0; tap < p.kernel_height * p.kernel_width; ++tap) {
    const std::int64_t below = tap / p.kernel_width * p.dilation;
    const std::int64_t right = tap % p.kernel_width * p.dilation;
    for (std::int64_t block = 0; block < shared.blocks.count; ++block) {
      product.weights = shared.weights->rows(group, slice, tap, block * shared.blocks.size);
      product.sums = sums;
      for (const Pixel& pixel : pixels) {
        const std::int64_t y = pixel.top + below;
        const std::int64_t x = pixel.left + right;
        if (y >= 0 && y < p.input_height && x >= 0 && x < p.input_width) {
          product.activations =
              activations.at((pixel.image * p.groups + group) * shared.blocks.count + block,
                             y * p.input_width + x);
          shared.convolution->kernel->add(product);
        }
        product.sums += stride;
      }
    }
  }
}

template <typename Sum>
void compute_tile(const Shared<Sum>& shared, std::int64_t first, int count, std::int64_t group,
                  std::int64_t slice, Scratch& scratch) {
  const ConvolutionProblem& problem = shared.problem;
  const LanedWeights& weights = *shared.weights;
  // More than the channels, so that the sums of one do not fall in one set of the cache.
  const std::int64_t stride = weights.slice_channels() + 16;
  Scratch::grow(scratch.sums, kTilePixels * stride);
  Scratch::grow(scratch.row, kTilePixels);
  std::fill_n(scratch.sums.data(), count * stride, 0);
  const auto pixels = pixels_of_tile(problem, first, count);
  sum_tile(shared, std::span(pixels).first(static_cast<std::size_t>(count)), group, slice, stride,
           scratch.sums.data());
  const PixelTile tile(problem, first, count);
  const std::int64_t outputs = problem.output_channels_per_group();
  const std::int64_t first_channel = slice * weights.slice_channels();
  const std::int64_t channels = std::min(weights.slice_channels(), outputs - first_channel);
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (int i = 0; i < count; ++i) {
      scratch.row[static_cast<std::size_t>(i)] =
          scratch.sums[static_cast<std::size_t>(i * stride + channel)];
    }
    tile.put(scratch.row.data(), group * outputs + first_channel + channel, false, shared.out);
  }
}

}  // namespace

template <typename Sum>
void SkippingConvolution::run(const ConvolutionJob& job, std::span<Sum> out) const {
  const ConvolutionProblem& problem = job.problem;
  const auto weights = cache->get(
      {problem.groups, problem.output_channels, problem.kernel_height, problem.kernel_width}, job,
      [&] { return LanedWeights(problem, job.weights); });
  activations->pack(problem, job.activations, *pool);
  const Shared<Sum> shared{this, problem, weights.get(), InputBlocks(problem), out.data()};
  const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
  const std::int64_t tiles = divide_up(pixels, kTilePixels);
  // Tiles change fastest: the weights of a slice stay in the second-level cache.
  pool->for_each(problem.groups * weights->slices() * tiles, [&](std::int64_t index, int worker) {
    const std::int64_t first = index % tiles * kTilePixels;
    const auto count = static_cast<int>(std::min<std::int64_t>(kTilePixels, pixels - first));
    const std::int64_t slice = index / tiles % weights->slices();
    const std::int64_t group = index / tiles / weights->slices();
    compute_tile(shared, first, count, group, slice, scratch[static_cast<std::size_t>(worker)]);
  });
}

template void SkippingConvolution::run(const ConvolutionJob&, std::span<std::int32_t>) const;
template void SkippingConvolution::run(const ConvolutionJob&, std::span<std::int64_t>) const;

}  // namespace mbm
