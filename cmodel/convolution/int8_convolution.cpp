#include "cmodel/convolution/int8_convolution.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cmodel/convolution/tiling.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kBlockQuads = 96;          // weights of 64 channels: 24 KB
constexpr std::int64_t kSummedQuads = 16384;      // 65,536 * 255 * 128 < 2^31
constexpr std::int64_t kStripBytes = 384 * 1024;  // of activations, in the second-level cache
constexpr std::int64_t kStripPixels = 768;

// The image's bytes of one input channel group: channels last, filled up to whole quads.
struct Layout {
  std::int64_t channels = 0;     // of a group
  std::int64_t term_bytes = 0;   // of one term of a pixel
  std::int64_t pixel_bytes = 0;  // of all terms

  Layout(const ConvolutionProblem& problem, std::size_t terms)
      : channels(problem.input_channels_per_group()),
        term_bytes((channels + 3) / 4 * 4),
        pixel_bytes(term_bytes * static_cast<std::int64_t>(terms)) {}
};

int largest_factor(const std::array<std::int16_t, ProductTable::kOperands>& factors,
                   int magnitude) {
  int largest = 0;
  for (int i = 0; i <= magnitude; ++i) {
    largest = std::max(largest, std::abs(int{factors[static_cast<std::size_t>(i)]}));
  }
  return largest;
}

int signed_factor(const std::array<std::int16_t, ProductTable::kOperands>& factors, int code) {
  const int factor = factors[static_cast<std::size_t>(std::abs(code))];
  return code < 0 ? -factor : factor;
}

// Factors of the weights of a panel, (quads, kInt8Panel, 4), quads in the order (tap, term,
// channel).
std::vector<std::int16_t> panel_factors(const ConvolutionJob& job, const FactoredTable& table,
                                        const Int8Weights::Panel& panel, const Layout& layout) {
  const std::int64_t taps = job.problem.kernel_height * job.problem.kernel_width;
  std::vector<std::int16_t> factors(static_cast<std::size_t>(taps * layout.pixel_bytes) *
                                    kInt8Panel);
  for (std::int64_t lane = 0; lane < panel.channels; ++lane) {
    const std::int16_t* codes =
        job.weights.data() + (panel.first_channel + lane) * job.problem.reduction_length();
    for (std::int64_t c = 0; c < layout.channels; ++c) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const int code = codes[c * taps + tap];
        for (std::size_t t = 0; t < table.terms.size(); ++t) {
          const std::int64_t byte =
              tap * layout.pixel_bytes + static_cast<std::int64_t>(t) * layout.term_bytes + c;
          factors[static_cast<std::size_t>((byte / 4 * kInt8Panel + lane) * 4 + byte % 4)] =
              static_cast<std::int16_t>(signed_factor(table.terms[t].weight, code));
        }
      }
    }
  }
  return factors;
}

// Takes what fits in a byte from each of `factors` and appends it for the panel's lanes; false if
// there was nothing to take.
bool take_bytes(std::span<std::int16_t> factors, int vectors, AlignedVector<std::int8_t>& out) {
  if (std::all_of(factors.begin(), factors.end(), [](std::int16_t f) { return f == 0; })) {
    return false;
  }
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const auto byte = static_cast<std::int8_t>(std::clamp<int>(factors[i], -128, 127));
    factors[i] = static_cast<std::int16_t>(factors[i] - byte);
    if (i < static_cast<std::size_t>(vectors) * kInt8Lanes * 4) out.push_back(byte);
  }
  return true;
}

// Adds one quad to the last block of the panel, or to a new one.
void add_quad(Int8Weights::Panel& panel, std::int64_t quad, std::int64_t pixel_quads,
              std::size_t weights) {
  if (panel.blocks.empty() || panel.blocks.back().quad_count == kBlockQuads) {
    panel.blocks.push_back({{}, weights, 0});
  }
  Int8Weights::Block& block = panel.blocks.back();
  const auto tap = static_cast<std::int32_t>(quad / pixel_quads);
  const auto channel = static_cast<std::int32_t>(quad % pixel_quads * 4);
  const bool joins = !block.quads.empty() && block.quads.back().tap == tap &&
                     block.quads.back().channel + 4 * block.quads.back().count == channel;
  if (joins) {
    ++block.quads.back().count;
  } else {
    block.quads.push_back({tap, channel, 1});
  }
  ++block.quad_count;
}

void pack_panel(const ConvolutionJob& job, const FactoredTable& table, const Layout& layout,
                Int8Weights::Panel& panel, Int8Weights& weights) {
  std::vector<std::int16_t> factors = panel_factors(job, table, panel, layout);
  constexpr std::int64_t kQuad = std::int64_t{kInt8Panel} * 4;
  const auto quads = static_cast<std::int64_t>(factors.size()) / kQuad;
  const std::int64_t pixel_quads = layout.pixel_bytes / 4;
  for (std::int64_t quad = 0; quad < quads; ++quad) {
    const auto term = static_cast<std::size_t>(quad % pixel_quads * 4 / layout.term_bytes);
    for (std::int64_t i = 0; i < kQuad && i < 4 * panel.channels; ++i) {
      weights.factor_sums[term * static_cast<std::size_t>(job.problem.output_channels) +
                          static_cast<std::size_t>(panel.first_channel + i / 4)] +=
          factors[static_cast<std::size_t>(quad * kQuad + i)];
    }
  }
  for (bool found = true; found;) {
    found = false;
    for (std::int64_t quad = 0; quad < quads; ++quad) {
      const std::size_t begin = weights.factors.size();
      const auto lanes = std::span(factors).subspan(static_cast<std::size_t>(quad * kQuad), kQuad);
      if (take_bytes(lanes, panel.vectors(), weights.factors)) {
        add_quad(panel, quad, pixel_quads, begin);
        found = true;
      }
    }
  }
  if (panel.blocks.empty()) panel.blocks.push_back({});  // all weights are 0
}

Int8Weights pack_weights(const ConvolutionJob& job, const FactoredTable& table) {
  const ConvolutionProblem& problem = job.problem;
  const Layout layout(problem, table.terms.size());
  const std::int64_t channels = problem.output_channels_per_group();
  Int8Weights weights;
  weights.panels_per_group = (channels + kInt8Panel - 1) / kInt8Panel;
  weights.factor_sums.resize(table.terms.size() *
                             static_cast<std::size_t>(problem.output_channels));
  for (std::int64_t group = 0; group < problem.groups; ++group) {
    for (std::int64_t first = 0; first < channels; first += kInt8Panel) {
      Int8Weights::Panel panel;
      panel.first_channel = group * channels + first;
      panel.channels = std::min<std::int64_t>(kInt8Panel, channels - first);
      pack_panel(job, table, layout, panel, weights);
      weights.panels.push_back(std::move(panel));
    }
  }
  return weights;
}

// A rectangle of output pixels that lie one after another in the output: whole rows, or part of
// one.
struct Strip {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_column = 0;
  std::int64_t columns = 0;

  std::int64_t pixels() const { return rows * columns; }
};

// Input rows or columns that `outputs` neighbouring output ones read.
std::int64_t extent(const ConvolutionProblem& problem, std::int64_t outputs, std::int64_t kernel) {
  return (outputs - 1) * problem.stride + (kernel - 1) * problem.dilation + 1;
}

// Strips of at most kStripPixels pixels and about kStripBytes bytes, at least `wanted` if there are
// rows or columns enough, of equal sizes where possible.
std::vector<Strip> cut(const ConvolutionProblem& problem, std::int64_t pixel_bytes,
                       std::int64_t wanted) {
  const std::int64_t height = problem.output_height();
  const std::int64_t width = problem.output_width();
  const bool by_columns = height == 1;
  const std::int64_t units = by_columns ? width : height;
  const std::int64_t kernel = by_columns ? problem.kernel_width : problem.kernel_height;
  const std::int64_t other =
      by_columns ? problem.kernel_height : extent(problem, width, problem.kernel_width);
  const auto fits = [&](std::int64_t count) {
    return (by_columns ? count : count * width) <= kStripPixels &&
           extent(problem, count, kernel) * other * pixel_bytes <= kStripBytes;
  };
  std::int64_t parts = std::clamp<std::int64_t>(wanted, 1, units);
  while (parts < units && !fits((units + parts - 1) / parts)) ++parts;
  std::vector<Strip> strips;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = units * part / parts;
    const std::int64_t count = units * (part + 1) / parts - begin;
    strips.push_back(by_columns ? Strip{0, 1, begin, count} : Strip{begin, count, 0, width});
  }
  return strips;
}

template <typename Sum>
struct Shared {
  const Int8Kernel* kernel;
  ConvolutionProblem problem;
  Layout layout;
  std::span<const std::int16_t> activations;
  const std::vector<Int8Map>* maps;
  const Int8Weights* weights;
  std::int64_t row_bytes;                 // of the bytes of a strip
  std::vector<std::int32_t> tap_offsets;  // within them
  std::vector<std::int64_t> corrections;  // of each output channel
  Sum* out;
};

// One row of pixels outside the input: the factors of the activation 0.
template <typename Sum>
void fill_zeros(const Shared<Sum>& shared, std::uint8_t* out, std::int64_t pixels) {
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    for (const Int8Map& map : *shared.maps) {
      const int zero = (map.identity ? 0 : map.factors[0]) - map.smallest;
      std::memset(out, zero & 0xFF, static_cast<std::size_t>(shared.layout.term_bytes));
      out += shared.layout.term_bytes;
    }
  }
}

// Bytes of the input pixels (y, x..x+count-1) of a group, all inside the input.
template <typename Sum>
void pack_row(const Shared<Sum>& shared, std::int64_t image, std::int64_t group, std::int64_t y,
              std::int64_t x, std::int64_t count, std::uint8_t* out) {
  const ConvolutionProblem& p = shared.problem;
  const std::int64_t plane = p.input_height * p.input_width;
  const std::int64_t first_plane = image * p.input_channels + group * shared.layout.channels;
  const std::int16_t* source =
      shared.activations.data() + first_plane * plane + y * p.input_width + x;
  for (const Int8Map& map : *shared.maps) {
    for (std::int64_t first = 0; first < shared.layout.term_bytes; first += kInt8Chunk) {
      std::array<const std::int16_t*, kInt8Chunk> rows;
      for (std::int64_t c = 0; c < kInt8Chunk; ++c) {
        // Channels past the last have weights of 0; they only need to hold something.
        const std::int64_t channel = std::min(first + c, shared.layout.channels - 1);
        rows[static_cast<std::size_t>(c)] = source + channel * plane;
      }
      const auto bytes =
          static_cast<int>(std::min<std::int64_t>(kInt8Chunk, shared.layout.term_bytes - first));
      shared.kernel->pack(rows, count, map, bytes, out + first, shared.layout.pixel_bytes);
    }
    out += shared.layout.term_bytes;
  }
}

template <typename Sum>
void pack_strip(const Shared<Sum>& shared, const Strip& strip, std::int64_t image,
                std::int64_t group, std::uint8_t* out) {
  const ConvolutionProblem& p = shared.problem;
  const std::int64_t top = strip.first_row * p.stride - p.padding;
  const std::int64_t left = strip.first_column * p.stride - p.padding;
  const std::int64_t columns = extent(p, strip.columns, p.kernel_width);
  const std::int64_t begin = std::clamp<std::int64_t>(-left, 0, columns);
  const std::int64_t end = std::clamp<std::int64_t>(p.input_width - left, begin, columns);
  const std::int64_t rows = extent(p, strip.rows, p.kernel_height);
  for (std::int64_t row = 0; row < rows; ++row, out += shared.row_bytes) {
    const std::int64_t y = top + row;
    if (y < 0 || y >= p.input_height || begin == end) {
      fill_zeros(shared, out, columns);
      continue;
    }
    const std::int64_t pixel_bytes = shared.layout.pixel_bytes;
    fill_zeros(shared, out, begin);
    pack_row(shared, image, group, y, left + begin, end - begin, out + begin * pixel_bytes);
    fill_zeros(shared, out + end * pixel_bytes, columns - end);
  }
}

// Where the pixels of a strip begin in its bytes, the last one repeated up to a multiple of what
// the kernel computes at once.
template <typename Sum>
void list_pixels(const Shared<Sum>& shared, const Strip& strip, int tile,
                 std::vector<std::int32_t>& offsets) {
  offsets.clear();
  const std::int64_t stride = shared.problem.stride;
  for (std::int64_t y = 0; y < strip.rows; ++y) {
    for (std::int64_t x = 0; x < strip.columns; ++x) {
      offsets.push_back(static_cast<std::int32_t>(y * stride * shared.row_bytes +
                                                  x * stride * shared.layout.pixel_bytes));
    }
  }
  while (offsets.size() % static_cast<std::size_t>(tile) != 0) offsets.push_back(offsets.back());
}

// Moves the sums of a panel to the output: adds them if `Sum` is int64, sets them otherwise.
template <typename Sum>
void store_sums(const Shared<Sum>& shared, const Strip& strip, std::int64_t image,
                const Int8Weights::Panel& panel, bool last, Scratch& scratch) {
  const ConvolutionProblem& p = shared.problem;
  const std::int64_t plane = p.output_height() * p.output_width();
  const std::int64_t pixels = strip.pixels();
  const std::int64_t stride = std::int64_t{panel.vectors()} * kInt8Lanes;
  for (std::int64_t lane = 0; lane < panel.channels; lane += kInt8Lanes) {
    const std::int64_t channel = panel.first_channel + lane;
    const auto channels =
        static_cast<int>(std::min<std::int64_t>(kInt8Lanes, panel.channels - lane));
    const std::int64_t* exact = shared.corrections.data() + channel;
    Sum* out = shared.out + (image * p.output_channels + channel) * plane +
               strip.first_row * p.output_width() + strip.first_column;
    std::array<std::int32_t, kInt8Lanes> corrections{};
    if constexpr (sizeof(Sum) == sizeof(std::int32_t)) {
      for (int c = 0; c < channels; ++c) {
        corrections[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(exact[c]);
      }
      shared.kernel->store(scratch.sums.data() + lane, stride, pixels, channels, corrections.data(),
                           out, plane);
    } else {
      Scratch::grow(scratch.row, kInt8Lanes * pixels);
      shared.kernel->store(scratch.sums.data() + lane, stride, pixels, channels, corrections.data(),
                           scratch.row.data(), pixels);
      for (int c = 0; c < channels; ++c) {
        for (std::int64_t i = 0; i < pixels; ++i) {
          out[c * plane + i] +=
              scratch.row[static_cast<std::size_t>(c * pixels + i)] + (last ? exact[c] : 0);
        }
      }
    }
  }
}

// The weights behind those of a block, which are needed next: at most as many as a block has.
std::span<const std::int8_t> following(const Int8Weights& weights, const Int8Weights::Block& block,
                                       int vectors) {
  const auto size = static_cast<std::size_t>(block.quad_count * vectors * kInt8Lanes * 4);
  const std::size_t next = block.weights + size;
  return std::span(weights.factors).subspan(next, std::min(size, weights.factors.size() - next));
}

template <typename Sum>
void compute_panel(const Shared<Sum>& shared, const Strip& strip, std::int64_t image,
                   const Int8Weights::Panel& panel, Scratch& scratch) {
  list_pixels(shared, strip, int8_tile_pixels(panel.vectors()), scratch.pixel_offsets);
  Scratch::grow(scratch.sums, static_cast<std::int64_t>(scratch.pixel_offsets.size()) *
                                  panel.vectors() * kInt8Lanes);
  bool overwrite = true;
  std::int64_t summed = 0;
  for (const Int8Weights::Block& block : panel.blocks) {
    // 64-bit sums are added up from 32-bit ones that cannot overflow.
    if (sizeof(Sum) > sizeof(std::int32_t) && summed + block.quad_count > kSummedQuads) {
      store_sums(shared, strip, image, panel, false, scratch);
      overwrite = true;
      summed = 0;
    }
    scratch.segments.clear();
    for (const Int8Weights::Quads& quads : block.quads) {
      scratch.segments.push_back(
          {shared.tap_offsets[static_cast<std::size_t>(quads.tap)] + quads.channel, quads.count});
    }
    shared.kernel->accumulate({scratch.magnitudes.data(), scratch.pixel_offsets, scratch.segments,
                               shared.weights->factors.data() + block.weights, panel.vectors(),
                               overwrite, scratch.sums.data(),
                               following(*shared.weights, block, panel.vectors())});
    overwrite = false;
    summed += block.quad_count;
  }
  store_sums(shared, strip, image, panel, true, scratch);
}

std::vector<std::int64_t> corrections_of(const Int8Weights& weights,
                                         const std::vector<Int8Map>& maps, std::int64_t channels) {
  std::vector<std::int64_t> corrections(static_cast<std::size_t>(channels));
  for (std::size_t t = 0; t < maps.size(); ++t) {
    for (std::size_t channel = 0; channel < corrections.size(); ++channel) {
      corrections[channel] +=
          maps[t].smallest * weights.factor_sums[t * corrections.size() + channel];
    }
  }
  return corrections;
}

}  // namespace

std::optional<std::vector<Int8Map>> Int8Convolution::maps(const FactoredTable& table,
                                                          const JobRanges& ranges) {
  std::vector<Int8Map> maps;
  for (const FactoredTable::Term& term : table.terms) {
    if (largest_factor(term.weight, ranges.weights.magnitude()) > 127 * 127) return {};
    Int8Map map;
    map.identity = true;
    int smallest = 0;
    int largest = 0;
    for (int code = ranges.activations.smallest; code <= ranges.activations.largest; ++code) {
      const int factor = signed_factor(term.activation, code);
      smallest = code == ranges.activations.smallest ? factor : std::min(smallest, factor);
      largest = code == ranges.activations.smallest ? factor : std::max(largest, factor);
      map.identity = map.identity && factor == code;
    }
    if (largest - smallest > 255) return {};
    map.smallest = static_cast<std::int16_t>(smallest);
    for (std::size_t i = 0; i < map.factors.size(); ++i) {
      map.factors[i] = static_cast<std::uint8_t>(term.activation[i] & 0xFF);
    }
    maps.push_back(map);
  }
  return maps;
}

template <typename Sum>
void Int8Convolution::run(const ConvolutionJob& job, const JobRanges& ranges,
                          std::span<Sum> out) const {
  if (sizeof(Sum) > sizeof(std::int32_t)) std::fill(out.begin(), out.end(), Sum{0});
  const std::vector<Int8Map> term_maps = *maps(*table, ranges);
  const ConvolutionProblem problem = flattened(job.problem);
  const std::int64_t taps = problem.kernel_height * problem.kernel_width;
  const auto weights =
      cache->get({problem.output_channels, problem.groups, problem.input_channels, taps, table_id},
                 job, [&] { return pack_weights(job, *table); });
  const Layout layout(problem, table->terms.size());
  const std::int64_t fixed_tasks = problem.batch * problem.groups;
  const std::vector<Strip> strips =
      cut(problem, layout.pixel_bytes, pool->size() == 1 ? 1 : pool->size());
  std::int64_t columns = 0;
  for (const Strip& strip : strips) columns = std::max(columns, strip.columns);
  Shared<Sum> shared{kernel,
                     problem,
                     layout,
                     job.activations,
                     &term_maps,
                     weights.get(),
                     extent(problem, columns, problem.kernel_width) * layout.pixel_bytes,
                     {},
                     corrections_of(*weights, term_maps, problem.output_channels),
                     out.data()};
  for (std::int64_t i = 0; i < problem.kernel_height; ++i) {
    for (std::int64_t j = 0; j < problem.kernel_width; ++j) {
      shared.tap_offsets.push_back(static_cast<std::int32_t>(
          problem.dilation * (i * shared.row_bytes + j * layout.pixel_bytes)));
    }
  }
  const auto strip_count = static_cast<std::int64_t>(strips.size());
  const std::int64_t slices =
      std::min(weights->panels_per_group, slices_for(fixed_tasks * strip_count, pool->size()));
  pool->for_each(fixed_tasks * strip_count * slices, [&](std::int64_t index, int worker) {
    Scratch& own = scratch[static_cast<std::size_t>(worker)];
    const std::int64_t slice = index % slices;
    const Strip& strip = strips[static_cast<std::size_t>(index / slices % strip_count)];
    const std::int64_t group = index / slices / strip_count % problem.groups;
    const std::int64_t image = index / slices / strip_count / problem.groups;
    Scratch::grow(own.magnitudes,
                  extent(problem, strip.rows, problem.kernel_height) * shared.row_bytes);
    pack_strip(shared, strip, image, group, own.magnitudes.data());
    for (std::int64_t panel = weights->panels_per_group * slice / slices;
         panel < weights->panels_per_group * (slice + 1) / slices; ++panel) {
      compute_panel(
          shared, strip, image,
          weights->panels[static_cast<std::size_t>(group * weights->panels_per_group + panel)],
          own);
    }
  });
}

template void Int8Convolution::run(const ConvolutionJob&, const JobRanges&,
                                   std::span<std::int32_t>) const;
template void Int8Convolution::run(const ConvolutionJob&, const JobRanges&,
                                   std::span<std::int64_t>) const;

}  // namespace mbm
