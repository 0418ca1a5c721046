#include "cmodel/array/weight_tiling.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

std::int64_t ceiling_quotient(std::int64_t dividend, std::int64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

}  // namespace

WeightTiling::WeightTiling(const ConvolutionProblem& problem, std::int64_t rows,
                           std::int64_t columns)
    : problem_(problem), rows_(rows), columns_(columns) {
  problem.validate();
  if (rows < 1 || columns < 1) {
    fail(ErrorKind::usage, "weight tiling: array of {} x {} found, at least 1 x 1 expected", rows,
         columns);
  }
  reduction_tiles_ = ceiling_quotient(problem.reduction_length(), rows);
  channel_tiles_per_group_ = ceiling_quotient(problem.output_channels_per_group(), columns);
}

WeightTile WeightTiling::tile(std::int64_t index) const {
  const std::int64_t channel_tile = index / reduction_tiles_;
  const std::int64_t per_group = problem_.output_channels_per_group();
  WeightTile tile;
  tile.group = channel_tile / channel_tiles_per_group_;
  const std::int64_t channel_in_group = channel_tile % channel_tiles_per_group_ * columns_;
  tile.first_channel = tile.group * per_group + channel_in_group;
  tile.channels = std::min(columns_, per_group - channel_in_group);
  tile.first_term = index % reduction_tiles_ * rows_;
  tile.terms = std::min(rows_, problem_.reduction_length() - tile.first_term);
  return tile;
}

std::int64_t WeightTiling::product_count(TileRange range) const {
  const std::int64_t positions =
      problem_.batch * problem_.output_height() * problem_.output_width();
  std::int64_t count = 0;
  for (std::int64_t index = range.first; index < range.last; ++index) {
    count += tile(index).terms * tile(index).channels * positions;
  }
  return count;
}

void WeightTiling::require(TileRange range) const {
  if (range.first < 0 || range.first >= range.last || range.last > tile_count()) {
    fail(ErrorKind::usage, "convolution {}: tiles {}:{} found, a range within 0:{} expected",
         problem_.description(), range.first, range.last, tile_count());
  }
}

std::vector<std::int16_t> WeightTiling::restrict_weights(std::span<const std::int16_t> weights,
                                                         TileRange range) const {
  require(range);
  std::vector<std::int16_t> restricted(weights.size(), 0);
  const std::int64_t length = problem_.reduction_length();
  for (std::int64_t index = range.first; index < range.last; ++index) {
    const WeightTile t = tile(index);
    for (std::int64_t channel = t.first_channel; channel < t.first_channel + t.channels;
         ++channel) {
      const std::int64_t start = channel * length + t.first_term;
      std::copy_n(weights.begin() + start, t.terms, restricted.begin() + start);
    }
  }
  return restricted;
}

}  // namespace mbm
