#include "cmodel/array/lowering.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kMostRows = 65535;
constexpr std::int64_t kMostElements = 1048575;

std::int64_t modulo(std::int64_t value, std::int64_t modulus) {
  return ((value % modulus) + modulus) % modulus;
}

// Bytes that hold `count` pixels from a place on.
Interval pixels(const TensorView& view, std::int64_t address, std::int64_t count) {
  return {address, address + (count - 1) * view.pixel_pitch + view.channels * view.element_bytes()};
}

}  // namespace

void fail_to_fit(const std::string& layer, const std::string& what, std::int64_t found,
                 std::int64_t limit) {
  fail(ErrorKind::usage, "layer '{}': {} is {}, at most {} expected", layer, what, found, limit);
}

void require_fit(const std::string& layer, const std::string& what, std::int64_t found,
                 std::int64_t limit) {
  if (found > limit) fail_to_fit(layer, what, found, limit);
}

std::int64_t ring_pitch(std::int64_t row_elements) {
  const std::int64_t units = (row_elements + kRingUnit - 1) / kRingUnit;
  return std::max<std::int64_t>(units, 1) * kRingUnit;
}

RowRing::RowRing(LoweringContext& context, const RowPart& part, std::int64_t base,
                 std::int64_t rows)
    : context_(context),
      part_(part),
      base_(base),
      rows_(rows),
      pitch_(ring_pitch(part.elements())) {}

void RowRing::load(std::int64_t first, std::int64_t end) {
  first = std::max(first, loaded_end_);
  end = std::min(end, part_.view.height);
  if (part_.elements() <= 0) return;
  while (first < end) {
    // Up to where the ring wraps.
    const std::int64_t stop = std::min(end, (first / rows_ + 1) * rows_);
    load_rows(first, stop);
    first = stop;
  }
  loaded_end_ = std::max(loaded_end_, end);
}

void RowRing::load_rows(std::int64_t first, std::int64_t end) {
  const TensorView& view = part_.view;
  const std::int64_t columns = part_.end_column - part_.first_column;
  const bool whole_rows = columns == view.width;
  const bool dense_ring = pitch_ == part_.elements();
  const std::int64_t row_bytes = part_.elements() * view.element_bytes();
  const auto emit = [&](std::int64_t y, std::int64_t count, std::int64_t rows,
                        std::int64_t elements, std::int64_t pitch, std::int64_t destination_pitch) {
    const std::int64_t destination = base_ + (y % rows_) * pitch_;
    Touched touched;
    for (std::int64_t row = y; row < y + count; ++row) {
      touched.memory_read.push_back(pixels(view, view.place(row, part_.first_column, 0), columns));
    }
    touched.scratchpad_written.push_back(
        {destination, destination + (count - 1) * pitch_ + part_.elements()});
    context_.builder.emit(LoadActivations{.address = view.place(y, part_.first_column, 0),
                                          .pitch = pitch,
                                          .rows = rows,
                                          .format = static_cast<std::int64_t>(view.format),
                                          .elements = elements,
                                          .destination = destination,
                                          .destination_pitch = destination_pitch},
                          touched);
  };
  const std::int64_t count = end - first;
  if (view.dense(view.channels)) {
    if (whole_rows && dense_ring && count * part_.elements() <= kMostElements) {
      emit(first, count, 1, count * part_.elements(), row_bytes, pitch_);
    } else {
      emit(first, count, count, part_.elements(), view.row_pitch(), pitch_);
    }
  } else if (whole_rows && dense_ring && count * columns <= kMostRows) {
    emit(first, count, count * columns, view.channels, view.pixel_pitch, view.channels);
  } else {
    for (std::int64_t y = first; y < end; ++y) {
      emit(y, 1, columns, view.channels, view.pixel_pitch, view.channels);
    }
  }
}

void RowRing::describe(ComputeGeometry& geometry, std::int64_t y_first, std::int64_t y_step,
                       std::int64_t tap_step) const {
  const std::int64_t units = pitch_ / kRingUnit;
  geometry.ring_base = base_ / kRingUnit;
  geometry.ring_first = modulo(y_first, rows_) * units;
  geometry.ring_size = rows_ * units;
  geometry.ring_row_step = modulo(y_step, rows_) * units;
  geometry.ring_tap_step = modulo(tap_step, rows_) * units;
  geometry.y_first = y_first;
  geometry.y_step = y_step;
  geometry.height = part_.view.height;
  geometry.row_elements = std::max<std::int64_t>(part_.elements(), 0);
}

void RowRing::add_intervals(std::vector<Interval>& intervals, std::int64_t first,
                            std::int64_t end) const {
  first = std::max<std::int64_t>(first, 0);
  end = std::min(end, part_.view.height);
  if (part_.elements() <= 0 || first >= end) return;
  while (first < end) {
    const std::int64_t stop = std::min(end, (first / rows_ + 1) * rows_);
    const std::int64_t begin = base_ + (first % rows_) * pitch_;
    intervals.push_back({begin, begin + (stop - first) * pitch_});
    first = stop;
  }
}

void store_block(LoweringContext& context, const TensorView& view, const ResultBlock& block) {
  const std::int64_t row_elements = block.columns * view.channels;
  const bool whole_rows = block.columns == view.width;
  const bool dense_block = block.row_pitch == row_elements;
  const auto emit = [&](std::int64_t first, std::int64_t count, std::int64_t rows,
                        std::int64_t elements, std::int64_t pitch, std::int64_t source_pitch) {
    const std::int64_t y = block.first_row + first;
    const std::int64_t source = block.place + first * block.row_pitch;
    Touched touched;
    for (std::int64_t row = y; row < y + count; ++row) {
      touched.memory_written.push_back(
          pixels(view, view.place(row, block.first_column, 0), block.columns));
    }
    touched.output_read.push_back({source, source + (count - 1) * block.row_pitch + row_elements});
    context.builder.emit(Store{.address = view.place(y, block.first_column, 0),
                               .pitch = pitch,
                               .rows = rows,
                               .format = static_cast<std::int64_t>(view.format),
                               .elements = elements,
                               .source = source,
                               .source_pitch = source_pitch},
                         touched);
  };
  if (view.dense(view.channels)) {
    if (whole_rows && dense_block && block.rows * row_elements <= kMostElements) {
      emit(0, block.rows, 1, block.rows * row_elements, view.row_pitch(), block.row_pitch);
    } else {
      emit(0, block.rows, block.rows, row_elements, view.row_pitch(), block.row_pitch);
    }
  } else if (whole_rows && dense_block && block.rows * block.columns <= kMostRows) {
    emit(0, block.rows, block.rows * block.columns, view.channels, view.pixel_pitch, view.channels);
  } else {
    for (std::int64_t row = 0; row < block.rows; ++row) {
      emit(row, 1, block.columns, view.channels, view.pixel_pitch, view.channels);
    }
  }
}

}  // namespace mbm
