// The vectorised engine: plans, tiles and threads around the look-up kernels.
#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <numeric>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_pool.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/lookup_kernel.hpp"
#include "cmodel/convolution/pixel_tile.hpp"
#include "cmodel/convolution/plane_tile.hpp"

namespace mbm {
namespace {

// What the operands of a job really are.
struct OperandRange {
  int largest_activation = 0;  // magnitude
  bool negative_activations = false;
};

struct Plan {
  std::string_view name;
  bool (*runs_here)();
  int largest_activation;
  LookupKernel kernel;
};

bool always() {
  return true;
}

bool has_vbmi() {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vnni");
}

bool has_avx2() {
  return __builtin_cpu_supports("avx2");
}

// Best first.
std::span<const Plan> all_plans() {
  static const std::array plans = {
      Plan{"vbmi7", has_vbmi, 127, vbmi_lookup_kernel(true)},
      Plan{"vbmi8", has_vbmi, 255, vbmi_lookup_kernel(false)},
      Plan{"avx2", has_avx2, 255, avx2_lookup_kernel()},
      Plan{"scalar", always, 255, scalar_lookup_kernel()},
  };
  return plans;
}

OperandRange range_of(std::span<const std::int16_t> activations) {
  std::int16_t smallest = 0;
  std::int16_t largest = 0;
  for (const std::int16_t code : activations) {
    smallest = std::min(smallest, code);
    largest = std::max(largest, code);
  }
  return {std::max<int>(largest, -smallest), smallest < 0};
}

// A problem whose pixels lie in a row is one long row: fewer and longer runs to pack.
ConvolutionProblem flattened(ConvolutionProblem problem) {
  const bool pointwise = problem.kernel_height == 1 && problem.kernel_width == 1 &&
                         problem.stride == 1 && problem.padding == 0;
  if (pointwise) {
    problem.input_width *= problem.input_height;
    problem.input_height = 1;
  }
  return problem;
}

// Few output channels do not repay the copies of im2col.
bool uses_planes(const ConvolutionProblem& problem, const LookupKernel& kernel) {
  constexpr std::int64_t kFewChannels = 16;
  const std::int64_t taps = problem.kernel_height * problem.kernel_width;
  return kernel.any_row_stride && taps <= kernel.block_length &&
         problem.output_channels_per_group() <= kFewChannels;
}

// Pixels of a tile: of 3, 4 or 5 steps, the one that wastes least; 4 if equal.
int tile_size(std::int64_t pixels) {
  const auto padded = [&](std::int64_t steps) {
    const std::int64_t tile = steps * kPixelStep;
    const std::int64_t rest = pixels % tile;
    return pixels / tile * tile + (rest + kPixelStep - 1) / kPixelStep * kPixelStep;
  };
  int best = 4;
  for (const int steps : {5, 3}) {
    const std::int64_t best_tiles = (pixels + best * kPixelStep - 1) / (best * kPixelStep);
    const std::int64_t tiles = (pixels + steps * kPixelStep - 1) / (steps * kPixelStep);
    if (padded(steps) < padded(best) || (padded(steps) == padded(best) && tiles < best_tiles)) {
      best = steps;
    }
  }
  return best * kPixelStep;
}

// Part of the output channels: whole groups, or channels of one group.
struct Slice {
  std::int64_t first_group = 0;
  std::int64_t last_group = 0;     // one past
  std::int64_t first_channel = 0;  // within each group
  std::int64_t last_channel = 0;
};

std::vector<Slice> cut_channels(const ConvolutionProblem& problem, std::int64_t parts) {
  const bool by_group = problem.groups > 1;
  const std::int64_t units = by_group ? problem.groups : problem.output_channels;
  parts = std::clamp<std::int64_t>(parts, 1, units);
  std::vector<Slice> slices;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = units * part / parts;
    const std::int64_t end = units * (part + 1) / parts;
    if (by_group) {
      slices.push_back({begin, end, 0, problem.output_channels_per_group()});
    } else {
      slices.push_back({0, 1, begin, end});
    }
  }
  return slices;
}

// Buffers of one thread.
struct Scratch {
  AlignedVector<std::uint8_t> magnitudes;
  AlignedVector<std::int8_t> signs;
  AlignedVector<std::int32_t> sums;
  AlignedVector<std::int32_t> row;

  void reserve(std::int64_t activations, std::int64_t channels, std::int64_t pixels) {
    grow(magnitudes, activations);
    grow(signs, activations);
    grow(sums, channels * pixels);
    grow(row, pixels);
  }

 private:
  template <typename T>
  static void grow(AlignedVector<T>& buffer, std::int64_t size) {
    if (static_cast<std::int64_t>(buffer.size()) < size) {
      buffer.resize(static_cast<std::size_t>(size));
    }
  }
};

// Everything that the tiles of one run share.
struct Run {
  ConvolutionProblem problem;
  std::span<const std::int16_t> activations;
  const LookupKernel* kernel = nullptr;
  const std::uint8_t* table = nullptr;
  const PackedWeights* weights = nullptr;
  bool is_signed = false;
  std::int32_t* out = nullptr;
};

// All sums of one tile for some channels of one group.
void compute_tile(const Run& run, const PixelTile& tile, std::int64_t group,
                  std::int64_t first_channel, std::int64_t last_channel, Scratch& scratch) {
  const std::int64_t reduction = run.problem.reduction_length();
  const std::int64_t channels = last_channel - first_channel;
  const std::int64_t base = group * run.problem.output_channels_per_group();
  std::int8_t* signs = run.is_signed ? scratch.signs.data() : nullptr;
  std::fill_n(scratch.sums.begin(), channels * tile.padded_count(), 0);
  for (std::int64_t block = 0; block < run.weights->blocks(); ++block) {
    const std::int64_t first_row = block * run.kernel->block_length;
    const int rows =
        static_cast<int>(std::min<std::int64_t>(run.kernel->block_length, reduction - first_row));
    tile.pack(*run.kernel, run.activations, group, first_row, rows, scratch.magnitudes.data(),
              signs);
    run.kernel->accumulate(
        {{scratch.magnitudes.data(), signs, rows, tile.padded_count(), tile.padded_count()},
         run.weights,
         block,
         base + first_channel,
         base + last_channel,
         run.table,
         scratch.sums.data()});
  }
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    run.kernel->restore(scratch.sums.data() + channel * tile.padded_count(), tile.padded_count(),
                        scratch.row.data());
    tile.store(scratch.row.data(), base + first_channel + channel, run.out);
  }
}

// How planes are cut for a problem.
struct PlaneCut {
  std::int64_t channels = 0;  // input channels of a block
  std::int64_t rows = 0;      // output rows of a tile

  PlaneCut(const ConvolutionProblem& problem, const LookupKernel& kernel) {
    constexpr std::int64_t kLanes = 3 * kLargestTile;  // of a tile, unless a row has more
    const std::int64_t taps = problem.kernel_height * problem.kernel_width;
    channels = std::min(kernel.block_length / taps, problem.input_channels_per_group());
    const PlaneTile row(problem, 0, 0, 1, 1);
    rows = std::clamp<std::int64_t>(kLanes / row.lanes(), 1, problem.output_height());
  }

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

// All sums of one tile of rows for all channels of one group.
void compute_planes(const Run& run, const PlaneTile& tile, std::int64_t block_channels,
                    std::int64_t group, Scratch& scratch) {
  const ConvolutionProblem& problem = run.problem;
  const std::int64_t channels = problem.output_channels_per_group();
  const std::int64_t inputs = problem.input_channels_per_group();
  const std::int64_t lanes = tile.lanes();
  scratch.reserve(block_channels * tile.channel_size() + PlaneTile::kSlack, channels, lanes);
  std::int8_t* signs = run.is_signed ? scratch.signs.data() : nullptr;
  std::fill_n(scratch.sums.begin(), channels * lanes, 0);
  for (std::int64_t block = 0; block < run.weights->blocks(); ++block) {
    const std::int64_t first = block * block_channels;
    const std::int64_t count = std::min(block_channels, inputs - first);
    tile.pack(*run.kernel, run.activations, group * inputs + first, count,
              scratch.magnitudes.data(), signs);
    for (std::int64_t lane = 0; lane < lanes; lane += kLargestTile) {
      const auto width = static_cast<int>(std::min<std::int64_t>(kLargestTile, lanes - lane));
      run.kernel->accumulate({{scratch.magnitudes.data() + lane,
                               signs == nullptr ? nullptr : signs + lane, 0, width, 1},
                              run.weights,
                              block,
                              group * channels,
                              (group + 1) * channels,
                              run.table,
                              scratch.sums.data() + lane * channels});
    }
  }
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t lane = 0; lane < lanes; lane += kLargestTile) {
      const auto width = static_cast<int>(std::min<std::int64_t>(kLargestTile, lanes - lane));
      run.kernel->restore(scratch.sums.data() + lane * channels + channel * width, width,
                          scratch.row.data() + lane);
    }
    tile.store(scratch.row.data(), group * channels + channel, run.out);
  }
}

class CpuEngine final : public ConvolutionEngine {
 public:
  explicit CpuEngine(const CpuEngineOptions& options)
      : forced_plan_(options.plan),
        pool_(options.threads),
        scratch_(static_cast<std::size_t>(pool_.size())) {
    if (forced_plan_.empty()) return;
    for (const Plan& plan : all_plans()) {
      if (plan.name == forced_plan_ && plan.runs_here()) return;
    }
    std::string known;
    for (const std::string& name : cpu_plans()) known += (known.empty() ? "" : ", ") + name;
    fail(ErrorKind::usage, "plan '{}' is unknown or not for this processor; expected one of {}",
         forced_plan_, known);
  }

  std::string_view name() const override { return "cpu"; }

  std::string describe(const ConvolutionJob& job) override {
    const OperandRange range = range_of(job.activations);
    return std::string(choose_plan(range).name) + (range.negative_activations ? " signed" : "") +
           (uses_planes(job.problem, choose_plan(range).kernel) ? " planes" : "");
  }

  Accumulators run(const ConvolutionJob& job) override {
    job.validate();
    const std::lock_guard lock(mutex_);
    const OperandRange range = range_of(job.activations);
    const Plan& plan = choose_plan(range);
    const bool planes = uses_planes(job.problem, plan.kernel);
    const ConvolutionProblem problem = planes ? job.problem : flattened(job.problem);
    Accumulators result(static_cast<std::size_t>(problem.output_count()));
    Run run{problem,      job.activations,
            &plan.kernel, table_for(plan, *job.table),
            nullptr,      range.negative_activations,
            result.data()};
    if (planes) {
      const PlaneCut cut(problem, plan.kernel);
      const std::int64_t taps = problem.kernel_height * problem.kernel_width;
      const PackedWeights weights =
          pack_weights(job, static_cast<int>(cut.channels * taps), cut.weight_rows(problem));
      run.weights = &weights;
      run_planes(run, cut);
    } else {
      std::vector<std::uint32_t> rows(static_cast<std::size_t>(plan.kernel.block_length));
      std::iota(rows.begin(), rows.end(), 0U);
      const PackedWeights weights = pack_weights(job, plan.kernel.block_length, rows);
      run.weights = &weights;
      run_tiles(run);
    }
    return result;
  }

 private:
  struct PreparedTable {
    ProductTable table;  // keeps the products, whose address is the key, alive
    AlignedVector<std::uint8_t> image;
  };
  static constexpr std::size_t kPreparedTables = 16;

  const Plan& choose_plan(const OperandRange& range) const {
    for (const Plan& plan : all_plans()) {
      const bool allowed = forced_plan_.empty() ? plan.runs_here() : plan.name == forced_plan_;
      if (allowed && range.largest_activation <= plan.largest_activation) return plan;
    }
    fail(ErrorKind::usage, "plan '{}': activations of magnitude {} found, at most 127 expected",
         forced_plan_, range.largest_activation);
  }

  const std::uint8_t* table_for(const Plan& plan, const ProductTable& table) {
    const auto key = std::pair(static_cast<const void*>(table.products().data()), plan.name);
    const auto found = tables_.find(key);
    if (found != tables_.end()) return found->second.image.data();
    if (tables_.size() >= kPreparedTables) tables_.clear();
    const auto added = tables_.emplace(key, PreparedTable{table, plan.kernel.make_table(table)});
    return added.first->second.image.data();
  }

  PackedWeights pack_weights(const ConvolutionJob& job, int block_length,
                             std::span<const std::uint32_t> rows) {
    const std::int64_t reduction = job.problem.reduction_length();
    const auto zero_row = job.table->row(0);
    const bool skip_zero = std::all_of(zero_row.begin(), zero_row.end(),
                                       [](std::uint16_t product) { return product == 0; });
    PackedWeights weights(job.problem.output_channels, reduction, block_length);
    weights.set_largest_magnitude(
        static_cast<std::size_t>(range_of(job.weights).largest_activation));
    constexpr std::int64_t kChannels = 16;  // of one index of the loop
    const std::int64_t count = (job.problem.output_channels + kChannels - 1) / kChannels;
    pool_.for_each(count, [&](std::int64_t index, int) {
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

  void run_tiles(const Run& run) {
    const ConvolutionProblem& problem = run.problem;
    const std::int64_t pixels = problem.batch * problem.output_height() * problem.output_width();
    const std::int64_t size = tile_size(pixels);
    const std::int64_t tiles = (pixels + size - 1) / size;
    const std::int64_t wanted = pool_.size() == 1 ? 1 : 4 * pool_.size();
    const std::vector<Slice> slices = cut_channels(problem, (wanted + tiles - 1) / tiles);
    const auto slice_count = static_cast<std::int64_t>(slices.size());
    pool_.for_each(tiles * slice_count, [&](std::int64_t index, int worker) {
      const Slice& slice = slices[static_cast<std::size_t>(index % slice_count)];
      const std::int64_t first = index / slice_count * size;
      const PixelTile tile(problem, first, static_cast<int>(std::min(size, pixels - first)));
      Scratch& scratch = scratch_[static_cast<std::size_t>(worker)];
      scratch.reserve(std::int64_t{kBlockLength} * kLargestTile,
                      slice.last_channel - slice.first_channel, kLargestTile);
      for (std::int64_t group = slice.first_group; group < slice.last_group; ++group) {
        compute_tile(run, tile, group, slice.first_channel, slice.last_channel, scratch);
      }
    });
  }

  void run_planes(const Run& run, const PlaneCut& cut) {
    const ConvolutionProblem& problem = run.problem;
    const std::int64_t height = problem.output_height();
    const std::int64_t strips = (height + cut.rows - 1) / cut.rows;
    pool_.for_each(problem.batch * problem.groups * strips, [&](std::int64_t index, int worker) {
      const std::int64_t first_row = index % strips * cut.rows;
      const PlaneTile tile(problem, index / strips / problem.groups, first_row,
                           std::min(cut.rows, height - first_row), cut.rows);
      compute_planes(run, tile, cut.channels, index / strips % problem.groups,
                     scratch_[static_cast<std::size_t>(worker)]);
    });
  }

  std::string forced_plan_;
  ThreadPool pool_;
  std::vector<Scratch> scratch_;
  std::map<std::pair<const void*, std::string_view>, PreparedTable> tables_;
  std::mutex mutex_;  // scratch_ and tables_ belong to one run at a time
};

}  // namespace

std::vector<std::string> cpu_plans() {
  std::vector<std::string> names;
  for (const Plan& plan : all_plans()) {
    if (plan.runs_here()) names.emplace_back(plan.name);
  }
  return names;
}

std::unique_ptr<ConvolutionEngine> make_cpu_engine(const CpuEngineOptions& options) {
  return std::make_unique<CpuEngine>(options);
}

std::unique_ptr<ConvolutionEngine> make_cpu_engine(int threads) {
  return make_cpu_engine(CpuEngineOptions{threads, ""});
}

}  // namespace mbm
