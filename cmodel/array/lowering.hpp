// What every lowering works with: the program under construction, places in the accelerator's
// memories, and rows of tensors on their way in and out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command_builder.hpp"
#include "cmodel/array/tensor_view.hpp"

namespace mbm {

// Bytes that software puts into the memory before a program runs.
struct MemorySegment {
  std::int64_t address = 0;
  std::vector<std::uint8_t> bytes;
};

// Places one after the other in a memory of a fixed size, from the start again when the end is
// reached: what lies there is overwritten, for which the builder's fences see to it that nobody
// needs it.
class RotatingAllocator {
 public:
  explicit RotatingAllocator(std::int64_t depth) : depth_(depth) {}

  std::int64_t depth() const { return depth_; }
  // `count` must be at most depth.
  std::int64_t allocate(std::int64_t count) {
    if (next_ + count > depth_) next_ = 0;
    const std::int64_t place = next_;
    next_ += count;
    return place;
  }

 private:
  std::int64_t depth_;
  std::int64_t next_ = 0;
};

struct LoweringContext {
  explicit LoweringContext(const AcceleratorParameters& accelerator)
      : parameters(accelerator),
        scratchpad(accelerator.activation_depth),
        output(accelerator.output_depth),
        channels(accelerator.parameter_depth) {}

  // Place of `bytes` bytes in memory, a multiple of 64.
  std::int64_t allocate_memory(std::int64_t bytes) {
    constexpr std::int64_t kAlignment = 64;
    const std::int64_t place = memory_bytes;
    memory_bytes += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return place;
  }
  // The same, with content.
  std::int64_t place_bytes(std::vector<std::uint8_t> bytes) {
    const std::int64_t place = allocate_memory(static_cast<std::int64_t>(bytes.size()));
    segments.push_back({place, std::move(bytes)});
    return place;
  }

  AcceleratorParameters parameters;
  CommandBuilder builder;
  RotatingAllocator scratchpad;
  RotatingAllocator output;
  RotatingAllocator channels;
  std::int64_t memory_bytes = 0;
  std::vector<MemorySegment> segments;
};

// Part of a tensor's rows: columns first_column..end_column-1 of all its channels.
struct RowPart {
  TensorView view;
  std::int64_t first_column = 0;
  std::int64_t end_column = 0;

  std::int64_t elements() const { return (end_column - first_column) * view.channels; }
};

// Elements from a row to the next in a ring, a multiple of kRingUnit.
std::int64_t ring_pitch(std::int64_t row_elements);

// Rows of a tensor in the scratchpad: row y lies at (y mod rows) * pitch.
class RowRing {
 public:
  // `rows` rows at element `base` of the scratchpad, both chosen by the caller.
  RowRing(LoweringContext& context, const RowPart& part, std::int64_t base, std::int64_t rows);

  // Loads the rows up to `end` that have not been loaded, from `first` on.
  void load(std::int64_t first, std::int64_t end);

  std::int64_t rows() const { return rows_; }
  std::int64_t base() const { return base_; }
  std::int64_t loaded_end() const { return loaded_end_; }

  // The fields of a compute command that say where rows lie; `y_step` and `tap_step` rows from an
  // output row and from a tap to the next.
  void describe(ComputeGeometry& geometry, std::int64_t y_first, std::int64_t y_step,
                std::int64_t tap_step) const;

  // Elements of the scratchpad of the rows first..end-1.
  void add_intervals(std::vector<Interval>& intervals, std::int64_t first, std::int64_t end) const;

 private:
  void load_rows(std::int64_t first, std::int64_t end);

  LoweringContext& context_;
  RowPart part_;
  std::int64_t base_;
  std::int64_t rows_;
  std::int64_t pitch_;
  std::int64_t loaded_end_ = 0;
};

// A layer whose rows are computed one band after another, as the layer that reads them goes on: its
// results are stored while that one computes.
class RowProducer {
 public:
  RowProducer() = default;
  RowProducer(const RowProducer&) = delete;
  RowProducer& operator=(const RowProducer&) = delete;
  RowProducer(RowProducer&&) = default;
  RowProducer& operator=(RowProducer&&) = delete;
  virtual ~RowProducer() = default;

  // What it keeps in the scratchpad until its last row is computed: the least, and with room for
  // the next band meanwhile.
  virtual std::int64_t least_elements() const = 0;
  virtual std::int64_t most_elements() const = 0;
  // Before the first row: `elements` elements from `base` on, at least the least.
  virtual void begin(std::int64_t base, std::int64_t elements) = 0;
  // Appends the commands of the rows before `end` that it has not appended.
  virtual void produce(std::int64_t end) = 0;
  // Rows whose commands are appended.
  virtual std::int64_t rows() const = 0;
};

// A block of results: output rows and columns, and where it lies in the output buffer, row by row.
struct ResultBlock {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_column = 0;
  std::int64_t columns = 0;
  std::int64_t place = 0;      // element of the output buffer
  std::int64_t row_pitch = 0;  // elements; a pixel's channels lie next to those of the next one
};

// Stores a block of all channels of `view`.
void store_block(LoweringContext& context, const TensorView& view, const ResultBlock& block);

// Throws Error(usage): one line that names the layer, what does not fit, its size and the limit.
[[noreturn]] void fail_to_fit(const std::string& layer, const std::string& what, std::int64_t found,
                              std::int64_t limit);
void require_fit(const std::string& layer, const std::string& what, std::int64_t found,
                 std::int64_t limit);

}  // namespace mbm
