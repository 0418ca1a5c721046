#include "cmodel/array/convolution_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "cmodel/array/lowering.hpp"

namespace mbm {
namespace {

// Of a band beside what it computes; so that of equal plans the one with fewer commands is best.
constexpr double kPassCycles = 4;

// Of a cycle of the bus beside what is computed meanwhile: of plans that the array bounds, the one
// that moves least is best, since a memory may give less than the bus could carry.
constexpr double kBusShare = 0.02;

// Widths of fields (docs/registers.md).
constexpr std::int64_t kMost8 = 255;
constexpr std::int64_t kMost16 = 65535;
constexpr std::int64_t kMostRow = 32767;

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

class Planner {
 public:
  Planner(std::string layer, const ConvolutionProblem& problem,
          const AcceleratorParameters& parameters, bool zero_annihilates, std::int64_t input_bytes,
          std::int64_t weight_bytes, std::int64_t output_bytes)
      : layer_(std::move(layer)),
        p_(problem),
        a_(parameters),
        zero_annihilates_(zero_annihilates),
        input_bytes_(input_bytes),
        weight_bytes_(weight_bytes),
        output_bytes_(output_bytes) {}

  ConvolutionPlan best() {
    require_fields();
    for (const std::int64_t pack : packs()) consider(pack);
    if (!best_) {
      fail_to_fit(layer_, "a row of one position and one channel in the scratchpad, in elements",
                  smallest_, a_.activation_depth);
    }
    return *best_;
  }

 private:
  void require_fields() const {
    require_fit(layer_, "kernel height", p_.kernel_height, kMost8);
    require_fit(layer_, "kernel width", p_.kernel_width, kMost8);
    require_fit(layer_, "stride", p_.stride, kMost8);
    require_fit(layer_, "dilation", p_.dilation, kMost8);
    require_fit(layer_, "input height", p_.input_height + p_.padding, kMostRow);
    require_fit(layer_, "input width", p_.input_width, kMostRow);
    require_fit(layer_, "padding", p_.padding, kMostRow);
  }

  // Columns of the output that a position may compute.
  std::vector<std::int64_t> packs() const {
    std::vector<std::int64_t> result{1};
    if (!zero_annihilates_ || p_.dilation != 1 || p_.output_channels * 2 > a_.columns) {
      return result;
    }
    for (std::int64_t pack = 2; pack * p_.output_channels <= a_.columns; ++pack) {
      if (pack <= p_.output_width()) result.push_back(pack);
    }
    return result;
  }

  void set_tiles(ConvolutionPlan& plan) const {
    const std::int64_t inputs = p_.input_channels_per_group();
    const std::int64_t outputs = p_.output_channels_per_group();
    std::int64_t together = 1;  // groups of a tile
    if (zero_annihilates_ && p_.groups > 1) {
      together =
          std::clamp<std::int64_t>(std::min(a_.rows / inputs, a_.columns / outputs), 1, p_.groups);
      if (p_.output_channels * plan.pack <= a_.columns && p_.dilation == 1) together = p_.groups;
    }
    plan.whole_rows_of_taps = p_.dilation == 1 && together == p_.groups;
    for (std::int64_t group = 0; group < p_.groups; group += together) {
      const std::int64_t count = std::min(together, p_.groups - group);
      for (std::int64_t o = 0; o < count * outputs; o += a_.columns) {
        plan.tiles.push_back({group * outputs + o, std::min(a_.columns, count * outputs - o),
                              group * inputs, count * inputs});
      }
    }
  }

  void consider(std::int64_t pack) {
    ConvolutionPlan plan;
    plan.problem = p_;
    plan.problem.batch = 1;
    plan.pack = pack;
    set_tiles(plan);
    if (pack > 1 && !plan.whole_rows_of_taps) return;
    std::vector<std::int64_t> widths;
    const std::int64_t row = plan.row_positions();
    for (std::int64_t parts = 1; parts <= row; ++parts) {
      const std::int64_t width = divide_up(row, parts);
      if (widths.empty() || widths.back() != width) widths.push_back(width);
    }
    bool found = false;
    for (const std::int64_t width : widths) {
      if (width > a_.sum_depth) continue;
      // A narrower band loads more columns twice: no better, but for rows that do not fit.
      if (found && width * 4 < row) break;
      found = consider_ring(plan, width) || found;
    }
    if (found || pack > 1) return;
    for (const std::int64_t width : widths) {
      if (width <= a_.sum_depth) consider_parts(plan, width);
    }
  }

  bool fields_fit(const ConvolutionPlan& plan, std::int64_t channels) const {
    return plan.pack * p_.stride * channels <= kMost16 && p_.dilation * channels <= kMost16 &&
           divide_up(plan.run_length(channels), a_.rows) <= kMost16;
  }

  // Output rows of a band: as many as sums and output buffer hold.
  std::int64_t most_rows(const ConvolutionPlan& plan, std::int64_t width) const {
    std::int64_t columns = 1;
    for (const ChannelTile& tile : plan.tiles) columns = std::max(columns, tile.outputs);
    const std::int64_t position = columns * plan.pack;
    const std::int64_t results = std::max<std::int64_t>(a_.output_depth / 2 / position, 1);
    return std::min(
        {p_.output_height(), a_.sum_depth / width, std::max<std::int64_t>(results / width, 1)});
  }

  bool output_fits(const ConvolutionPlan& plan, std::int64_t rows, std::int64_t width) const {
    return rows * width * plan.pack * plan.tiles.front().outputs <= a_.output_depth;
  }

  bool consider_ring(ConvolutionPlan plan, std::int64_t width) {
    if (!fields_fit(plan, p_.input_channels)) return false;
    plan.ring = true;
    plan.part_inputs = plan.tiles.front().inputs;
    plan.band_positions = width;
    const std::int64_t pitch = ring_pitch(most_columns(plan, width) * p_.input_channels);
    // A ring has at most 65,535 units.
    const std::int64_t rows_that_fit = std::min(a_.activation_depth, kMost16 * kRingUnit) / pitch;
    smallest_ = std::min(smallest_, plan.span(1) * pitch);
    bool found = false;
    for (std::int64_t rows = most_rows(plan, width); rows >= 1; --rows) {
      if (plan.span(rows) > rows_that_fit || !output_fits(plan, rows, width)) continue;
      // Bands of equal height.
      const std::int64_t bands = divide_up(p_.output_height(), rows);
      plan.band_rows = divide_up(p_.output_height(), bands);
      plan.ring_rows =
          std::min({rows_that_fit, plan.span(plan.band_rows) + plan.band_rows * p_.stride,
                    std::max(plan.span(plan.band_rows), p_.input_height)});
      set_store_tiles(plan);
      keep(plan, ring_cycles(plan));
      found = true;
    }
    return found;
  }

  bool consider_parts(ConvolutionPlan plan, std::int64_t width) {
    plan.ring = false;
    plan.band_positions = width;
    const std::int64_t columns = most_columns(plan, width);
    const std::int64_t inputs = plan.tiles.front().inputs;
    bool found = false;
    std::int64_t last = 0;
    for (std::int64_t parts = 1; parts <= inputs; ++parts) {
      plan.part_inputs = divide_up(inputs, parts);
      // A tile that holds several groups is not cut.
      if (parts > 1 && inputs > p_.input_channels_per_group()) break;
      if (plan.part_inputs == last || !fields_fit(plan, plan.part_inputs)) continue;
      last = plan.part_inputs;
      const std::int64_t pitch = ring_pitch(columns * plan.part_inputs);
      smallest_ = std::min(smallest_, plan.span(1) * pitch);
      for (std::int64_t rows = most_rows(plan, width); rows >= 1; rows = rows / 2) {
        // Two regions, one filled while the other one is used, if they fit.
        const std::int64_t regions = plan.span(rows) * pitch * 2 <= a_.activation_depth ? 2 : 1;
        if (plan.span(rows) * pitch * regions > a_.activation_depth ||
            plan.span(rows) * pitch > kMost16 * kRingUnit || !output_fits(plan, rows, width)) {
          continue;
        }
        const std::int64_t bands = divide_up(p_.output_height(), rows);
        plan.band_rows = divide_up(p_.output_height(), bands);
        plan.ring_rows = plan.span(plan.band_rows);
        set_store_tiles(plan);
        keep(plan, part_cycles(plan, regions == 2));
        found = true;
        break;
      }
      if (found && parts > 1) break;
    }
    return found;
  }

  std::int64_t most_columns(const ConvolutionPlan& plan, std::int64_t width) const {
    std::int64_t most = 0;
    for (std::int64_t x = 0; x < plan.row_positions(); x += width) {
      const auto columns = plan.input_columns(x, std::min(width, plan.row_positions() - x));
      most = std::max(most, columns.end - columns.first);
    }
    return most;
  }

  void set_store_tiles(ConvolutionPlan& plan) const {
    const auto tiles = static_cast<std::int64_t>(plan.tiles.size());
    const std::int64_t positions = plan.band_rows * plan.band_positions * plan.pack;
    const std::int64_t outputs = plan.tiles.front().outputs;
    plan.store_tiles =
        std::clamp<std::int64_t>(a_.output_depth / 2 / (positions * outputs), 1, tiles);
    plan.store_tiles = divide_up(tiles, divide_up(tiles, plan.store_tiles));
    while (plan.store_tiles > 1 && plan.store_tiles * outputs > kMost16) --plan.store_tiles;
  }

  // --- estimated cycles

  // Between the first positions of two tiles, for the weights of the second one. Of kind `lut` as
  // if all magnitudes were equally frequent: real weights have fewer, and a plan of few tiles is
  // the better one for them too.
  std::int64_t least_tile_cycles() const {
    const std::int64_t load = 2 * a_.rows + a_.columns - 2;
    if (a_.kind != ElementKind::lut) return load;
    const double magnitudes = 256 * (1 - std::pow(255.0 / 256, a_.rows * a_.columns));
    return load + 1 + static_cast<std::int64_t>(magnitudes) * (256 / a_.table_entries);
  }

  double pass_cycles(const ConvolutionPlan& plan, const ChannelTile& tile, std::int64_t inputs,
                     std::int64_t positions) const {
    const std::int64_t chunks = divide_up(plan.run_length(inputs), a_.rows);
    const std::int64_t tile_cycles = std::max(positions, least_tile_cycles());
    const std::int64_t stream = p_.kernel_height * plan.runs() * chunks * tile_cycles;
    const std::int64_t drain = positions * divide_up(tile.outputs * plan.pack, a_.lanes);
    return static_cast<double>(std::max(stream, drain));
  }

  double weight_cycles(const ConvolutionPlan& plan, std::int64_t inputs) const {
    const std::int64_t chunks = divide_up(plan.run_length(inputs), a_.rows);
    return static_cast<double>(p_.kernel_height * plan.runs() * chunks * a_.rows * a_.columns *
                               weight_bytes_) /
           static_cast<double>(a_.bus_bytes);
  }

  double store_cycles(const ConvolutionPlan& plan, std::int64_t positions) const {
    const std::int64_t bytes = positions * plan.pack * p_.output_channels * output_bytes_;
    return static_cast<double>(divide_up(bytes, a_.bus_bytes));
  }

  double load_cycles(std::int64_t rows, std::int64_t elements) const {
    return static_cast<double>(rows * (divide_up(elements * input_bytes_, a_.bus_bytes) + 1));
  }

  // Bands of rows of one band of columns: all but the last one are alike.
  double ring_cycles(const ConvolutionPlan& plan) const {
    const std::int64_t bands = divide_up(p_.output_height(), plan.band_rows);
    const std::int64_t last_rows = p_.output_height() - (bands - 1) * plan.band_rows;
    const std::int64_t row = plan.row_positions();
    double total = 0;
    for (std::int64_t x = 0; x < row; x += plan.band_positions) {
      const std::int64_t width = std::min(plan.band_positions, row - x);
      const auto columns = plan.input_columns(x, width);
      const std::int64_t elements = (columns.end - columns.first) * p_.input_channels;
      const std::int64_t fresh = plan.band_rows * p_.stride;
      const std::int64_t early =
          bands == 1 ? 0 : std::min(fresh, plan.ring_rows - plan.span(plan.band_rows));
      const double band = band_cycles(plan, plan.band_rows * width, load_cycles(early, elements));
      const double last = band_cycles(plan, last_rows * width, 0);
      // The first rows of a band of columns come while nothing else is done.
      const std::int64_t first = std::min(plan.span(plan.band_rows), p_.input_height);
      total += static_cast<double>(bands - 1) * (band + load_cycles(fresh - early, elements)) +
               last + load_cycles(first, elements);
    }
    const std::int64_t positions = last_rows * plan.band_positions;
    const std::int64_t last_drain =
        positions * divide_up(plan.tiles.back().outputs * plan.pack, a_.lanes);
    return total + static_cast<double>(last_drain) + store_cycles(plan, positions);
  }

  double band_cycles(const ConvolutionPlan& plan, std::int64_t positions, double loads) const {
    double compute = kPassCycles;
    double bus = loads + store_cycles(plan, positions);
    for (const ChannelTile& tile : plan.tiles) {
      compute += pass_cycles(plan, tile, tile.inputs, positions);
      bus += weight_cycles(plan, tile.inputs);
    }
    return std::max(compute, bus) + kBusShare * bus;
  }

  double part_cycles(const ConvolutionPlan& plan, bool two_regions) const {
    const std::int64_t bands = divide_up(p_.output_height(), plan.band_rows) *
                               divide_up(plan.row_positions(), plan.band_positions);
    const std::int64_t positions = plan.band_rows * plan.band_positions;
    const std::int64_t columns = most_columns(plan, plan.band_positions);
    double total = 0;
    for (const ChannelTile& tile : plan.tiles) {
      const double parts = static_cast<double>(divide_up(tile.inputs, plan.part_inputs));
      const double compute = pass_cycles(plan, tile, plan.part_inputs, positions);
      const double bus = weight_cycles(plan, plan.part_inputs) +
                         load_cycles(plan.span(plan.band_rows) * columns, plan.part_inputs);
      total += parts * (two_regions ? std::max(compute, bus) : compute + bus);
    }
    return total * static_cast<double>(bands);
  }

  void keep(const ConvolutionPlan& plan, double cycles) {
    if (best_ && best_->estimated_cycles <= cycles) return;
    best_ = plan;
    best_->estimated_cycles = cycles;
  }

  std::string layer_;
  ConvolutionProblem p_;
  AcceleratorParameters a_;
  bool zero_annihilates_;
  std::int64_t input_bytes_;
  std::int64_t weight_bytes_;
  std::int64_t output_bytes_;
  std::int64_t smallest_ = std::numeric_limits<std::int64_t>::max();
  std::optional<ConvolutionPlan> best_;
};

}  // namespace

ConvolutionPlan::Columns ConvolutionPlan::input_columns(std::int64_t first_position,
                                                        std::int64_t count) const {
  const std::int64_t first = first_position * pack * problem.stride - problem.padding;
  const std::int64_t last_output =
      std::min((first_position + count) * pack, problem.output_width()) - 1;
  const std::int64_t end = last_output * problem.stride - problem.padding +
                           problem.dilation * (problem.kernel_width - 1) + 1;
  Columns columns;
  columns.first = std::clamp<std::int64_t>(first, 0, problem.input_width);
  columns.end = std::clamp<std::int64_t>(end, columns.first, problem.input_width);
  columns.offset = first - columns.first;
  return columns;
}

ConvolutionPlan plan_convolution(const std::string& layer, const ConvolutionProblem& problem,
                                 const AcceleratorParameters& parameters, bool zero_annihilates,
                                 std::int64_t input_bytes, std::int64_t weight_bytes,
                                 std::int64_t output_bytes) {
  problem.validate();
  return Planner(layer, problem, parameters, zero_annihilates, input_bytes, weight_bytes,
                 output_bytes)
      .best();
}

}  // namespace mbm
