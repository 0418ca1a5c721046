#include "testbench/array_pass.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// Signed operands in vectors of one length, as the ports of a grid want them.
class OperandBlock {
 public:
  OperandBlock(std::size_t vectors, std::size_t length)
      : length_(length), signs_(vectors), magnitudes_(vectors * length) {}

  void set(std::size_t vector, std::size_t element, int operand) {
    magnitudes_[vector * length_ + element] = static_cast<std::uint8_t>(std::abs(operand));
    const std::uint64_t bit = std::uint64_t{1} << element;
    signs_[vector] = operand < 0 ? signs_[vector] | bit : signs_[vector] & ~bit;
  }

  OperandVector vector(std::size_t index) const {
    return {signs_[index], std::span(magnitudes_).subspan(index * length_, length_)};
  }

 private:
  std::size_t length_;
  std::vector<std::uint64_t> signs_;
  std::vector<std::uint8_t> magnitudes_;
};

// Where an output position lies.
struct Position {
  std::int64_t image;
  std::int64_t y;  // of the input row under tap 0, may lie outside
  std::int64_t x;
  std::int64_t plane_index;  // in the output plane
};

// Feeds a grid and takes its sums, cycle by cycle: weights of the next tile load while the
// activations of the present one stream.
class PassRunner {
 public:
  PassRunner(const ConvolutionJob& job, const WeightTiling& tiling, const ArrayPass& pass,
             Grid& grid, std::span<std::int32_t> accumulators)
      : job_(job),
        tiling_(tiling),
        pass_(pass),
        grid_(grid),
        accumulators_(accumulators),
        rows_(grid.shape().rows),
        columns_(grid.shape().columns),
        weights_(static_cast<std::size_t>(rows_), static_cast<std::size_t>(columns_)),
        activations_(static_cast<std::size_t>(pass.positions), static_cast<std::size_t>(rows_)),
        streaming_(pass.tiles.first),
        loading_(pass.tiles.first),
        delivered_(static_cast<std::size_t>(columns_), 0) {
    locate_positions();
    cut_weights();
  }

  std::int64_t run() {
    // All loads and streams one after the other, with the drain of a tile each, is a safe bound.
    const std::int64_t limit =
        (pass_.tiles.size() + 1) * (pass_.positions + 2 * (rows_ + columns_) + 64);
    while (sums_missing_ > 0) {
      if (cycle_ == limit) {
        fail(ErrorKind::device, "grid: {} of {} sums missing after {} cycles", sums_missing_,
             pass_.positions * columns_, cycle_);
      }
      GridInputs inputs;
      load_weights(inputs);
      stream_activations(inputs);
      store_sums(grid_.tick(inputs));
      ++cycle_;
    }
    return cycle_;
  }

 private:
  void locate_positions() {
    const ConvolutionProblem& p = job_.problem;
    const std::int64_t plane = p.output_height() * p.output_width();
    for (std::int64_t i = 0; i < pass_.positions; ++i) {
      const std::int64_t index = pass_.first_position + i;
      const std::int64_t in_plane = index % plane;
      positions_.push_back({.image = index / plane,
                            .y = in_plane / p.output_width() * p.stride - p.padding,
                            .x = in_plane % p.output_width() * p.stride - p.padding,
                            .plane_index = in_plane});
    }
    sums_missing_ = pass_.positions * columns_;
  }

  // Weights of tile `loading_`, vector r for row r; zeros where the tile is smaller than the grid.
  void cut_weights() {
    const WeightTile tile = tiling_.tile(loading_);
    const std::int64_t length = job_.problem.reduction_length();
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t c = 0; c < columns_; ++c) {
        const bool used = r < tile.terms && c < tile.channels;
        const std::int64_t index = (tile.first_channel + c) * length + tile.first_term + r;
        weights_.set(static_cast<std::size_t>(r), static_cast<std::size_t>(c),
                     used ? job_.weights[static_cast<std::size_t>(index)] : 0);
      }
    }
  }

  // Activations under the terms of tile `streaming_`, one vector per position.
  void cut_activations() {
    const WeightTile tile = tiling_.tile(streaming_);
    for (std::int64_t r = 0; r < rows_; ++r) {
      if (r < tile.terms) {
        cut_term(static_cast<std::size_t>(r), tile.group, tile.first_term + r);
      } else {
        for (std::size_t i = 0; i < positions_.size(); ++i) {
          activations_.set(i, static_cast<std::size_t>(r), 0);
        }
      }
    }
  }

  void cut_term(std::size_t row, std::int64_t group, std::int64_t term) {
    const ConvolutionProblem& p = job_.problem;
    const std::int64_t taps = p.kernel_height * p.kernel_width;
    const std::int64_t channel = group * p.input_channels_per_group() + term / taps;
    const std::int64_t tap_y = term % taps / p.kernel_width * p.dilation;
    const std::int64_t tap_x = term % p.kernel_width * p.dilation;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const std::int64_t y = positions_[i].y + tap_y;
      const std::int64_t x = positions_[i].x + tap_x;
      const bool inside = y >= 0 && y < p.input_height && x >= 0 && x < p.input_width;
      const std::int64_t plane = positions_[i].image * p.input_channels + channel;
      const std::int64_t index = (plane * p.input_height + y) * p.input_width + x;
      activations_.set(i, row, inside ? job_.activations[static_cast<std::size_t>(index)] : 0);
    }
  }

  // The next row of weights, bottom row first, as soon as the shadow registers are free.
  void load_weights(GridInputs& inputs) {
    if (loading_ == pass_.tiles.last || cycle_ < shadow_free_) return;
    inputs.weight_load = true;
    inputs.weights = weights_.vector(static_cast<std::size_t>(rows_ - 1 - loaded_rows_));
    if (++loaded_rows_ < rows_) return;
    loaded_at_ = cycle_;
    shadow_free_ = kNever;  // until the tile is swapped in
  }

  void stream_activations(GridInputs& inputs) {
    if (streaming_ == pass_.tiles.last) return;
    if (position_ == 0) {
      const bool loaded = loading_ == streaming_ && loaded_rows_ == rows_ && loaded_at_ < cycle_;
      if (!loaded) return;
      begin_tile(inputs);
    }
    inputs.activation_valid = true;
    inputs.first = streaming_ == pass_.tiles.first;
    inputs.last = streaming_ == pass_.tiles.last - 1;
    inputs.address = static_cast<int>(position_);
    inputs.activations = activations_.vector(static_cast<std::size_t>(position_));
    if (++position_ == pass_.positions) {
      position_ = 0;
      ++streaming_;
    }
  }

  // Swaps the loaded weights in; the next ones may load when the swap has reached the last corner.
  void begin_tile(GridInputs& inputs) {
    cut_activations();
    inputs.swap = true;
    ++loading_;
    loaded_rows_ = 0;
    shadow_free_ = cycle_ + rows_ + columns_ - 2;
    if (loading_ < pass_.tiles.last) cut_weights();
  }

  // Column c delivers its sums in the order of the positions.
  void store_sums(const GridOutputs& outputs) {
    if (outputs.valid == 0) return;
    const WeightTile tile = tiling_.tile(pass_.tiles.first);
    const std::int64_t plane = job_.problem.output_height() * job_.problem.output_width();
    for (std::int64_t c = 0; c < columns_; ++c) {
      if ((outputs.valid >> c & 1) == 0) continue;
      const std::size_t index = delivered_[static_cast<std::size_t>(c)]++;
      --sums_missing_;
      if (c >= tile.channels) continue;
      const Position& position = positions_.at(index);
      const std::int64_t channel =
          position.image * job_.problem.output_channels + tile.first_channel + c;
      accumulators_[static_cast<std::size_t>(channel * plane + position.plane_index)] =
          outputs.sums[static_cast<std::size_t>(c)];
    }
  }

  static constexpr std::int64_t kNever = INT64_MAX;

  const ConvolutionJob& job_;
  const WeightTiling& tiling_;
  const ArrayPass& pass_;
  Grid& grid_;
  std::span<std::int32_t> accumulators_;
  std::int64_t rows_;
  std::int64_t columns_;
  OperandBlock weights_;
  OperandBlock activations_;
  std::vector<Position> positions_;

  std::int64_t cycle_ = 0;
  std::int64_t streaming_;        // tile whose activations stream or come next
  std::int64_t position_ = 0;     // next position of it
  std::int64_t loading_;          // tile whose weights load or wait
  std::int64_t loaded_rows_ = 0;  // of it
  std::int64_t loaded_at_ = 0;    // cycle of its last row
  std::int64_t shadow_free_ = 0;  // first cycle in which it may load
  std::int64_t sums_missing_ = 0;
  std::vector<std::size_t> delivered_;  // sums per column
};

}  // namespace

std::int64_t run_pass(const ConvolutionJob& job, const WeightTiling& tiling, const ArrayPass& pass,
                      Grid& grid, std::span<std::int32_t> accumulators) {
  return PassRunner(job, tiling, pass, grid, accumulators).run();
}

}  // namespace mbm
