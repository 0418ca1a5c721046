// State of the accelerator's functional model, for its sources: accelerator_model.cpp (the run),
// accelerator_transfers.cpp (loads and stores), accelerator_compute.cpp, accelerator_registers.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/fence_order.hpp"
#include "cmodel/array/interval_map.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {

class AcceleratorModel::Implementation {
 public:
  Implementation(const AcceleratorParameters& parameters, const ProductTable& table,
                 std::int64_t memory_bytes)
      : parameters_(parameters),
        zero_annihilates_(table.zero_annihilates()),
        memory_(static_cast<std::size_t>(memory_bytes)),
        scratchpad_(parameters.activation_depth),
        output_(parameters.output_depth),
        channels_(parameters.parameter_depth),
        sums_(static_cast<std::size_t>(parameters.sum_depth * parameters.columns)) {
    parameters.validate();
    const auto products = table.products();
    if (parameters.kind == ElementKind::lut) {
      products_.assign(kProducts, 0);
      zero_annihilates_ = false;
    } else {
      products_.assign(products.begin(), products.end());
    }
    reset();
  }

  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(memory_.size()); }

  std::span<std::uint8_t> memory(std::int64_t address, std::int64_t count) {
    if (address < 0 || count < 0 || address > memory_bytes() - count) {
      fail(ErrorKind::device, "model: {} bytes at {:#x} do not lie in the memory of {} bytes",
           count, address, memory_bytes());
    }
    return std::span(memory_).subspan(static_cast<std::size_t>(address),
                                      static_cast<std::size_t>(count));
  }

  void write_register(std::uint32_t address, std::uint32_t value);
  std::uint32_t read_register(std::uint32_t address);
  void set_trace(MemoryTrace* trace) { trace_ = trace; }
  bool interrupt() const { return (interrupt_status_ & interrupt_enable_) != 0; }
  void observe(TileObserver observer) { observer_ = std::move(observer); }

 private:
  static constexpr std::int64_t kProducts = ProductTable::kOperands * ProductTable::kOperands;

  // A memory inside whose elements remember the commands that touched them last: indices within
  // their units, -1 for none since power-up.
  template <typename Element>
  struct TrackedMemory {
    explicit TrackedMemory(std::int64_t depth)
        : elements(static_cast<std::size_t>(depth)),
          writer(elements.size(), -1),
          reader(elements.size(), -1) {}

    void forget() {
      std::fill(writer.begin(), writer.end(), -1);
      std::fill(reader.begin(), reader.end(), -1);
    }

    std::vector<Element> elements;
    std::vector<std::int32_t> writer;
    std::vector<std::int32_t> reader;
  };

  void reset();
  void forget_accesses() {
    scratchpad_.forget();
    output_.forget();
    channels_.forget();
  }
  void run();
  void stop(registers::Error code, std::uint32_t detail);
  CommandFault execute(const Command& command);
  // A command of index `index` within its unit, whose trace the present one meets at `place`, must
  // be known to be finished.
  void require_known(CommandCounter progress, std::int64_t index, std::string_view what,
                     std::int64_t place) const {
    if (known_[progress] <= index) fail_unknown(progress, index, what, place);
  }
  [[noreturn]] void fail_unknown(CommandCounter progress, std::int64_t index, std::string_view what,
                                 std::int64_t place) const;

  // Elements read and written by the present command.
  std::int16_t read_activation(std::int64_t element);
  void write_result(std::int64_t element, std::int64_t value);
  void touch_memory(IntervalMap& readers, std::int64_t address, std::int64_t bytes);
  std::int64_t index() const { return order_.entered(unit_) - 1; }

  CommandFault unit_fault(const CommandOperation& operation) const;
  void execute(const LoadActivations& load);
  void execute(const LoadWeights& load);
  void execute(const LoadParameters& load);
  void execute(const LoadTable& load);
  void execute(const Store& store);
  void execute(const ConvolutionPass& convolve);
  void execute(const Maximum& maximum);
  void execute(const Resize& resize);
  void execute(const Add& add);
  void execute(const Rescale& rescale);

  // A tile of a convolution, its operands read where they lie.
  class Tile final : public ArrayTile {
   public:
    Tile(Implementation& model, const ConvolutionPass& convolve, std::int64_t tap_row,
         std::int64_t first_element, std::int64_t used_rows)
        : model_(model),
          convolve_(convolve),
          tap_row_(tap_row),
          first_element_(first_element),
          used_rows_(used_rows),
          place_(model.row_place(convolve.geometry, convolve.geometry.ring_first, tap_row,
                                 convolve.geometry.ring_tap_step)) {}

    std::int64_t positions() const override { return convolve_.positions(); }
    std::int64_t rows() const override { return used_rows_; }
    std::int64_t columns() const override { return convolve_.channels; }
    int weight(std::int64_t row, std::int64_t column) const override {
      // The bottom row of a tile is the first one.
      return model_.weights_[static_cast<std::size_t>(model_.parameters_.rows - 1 - row)]
                            [static_cast<std::size_t>(column)];
    }
    int activation(std::int64_t position, std::int64_t row) const override {
      const ComputeGeometry& g = convolve_.geometry;
      return activation(position / g.columns, position % g.columns, row);
    }
    int activation(std::int64_t oy, std::int64_t ox, std::int64_t row) const {
      const ComputeGeometry& g = convolve_.geometry;
      const std::int64_t y = g.y_first + oy * g.y_step + tap_row_ * convolve_.tap_y_step;
      const std::int64_t u = first_element_ + ox * g.column_step + row;
      const bool exists = y >= 0 && y < g.height && u >= 0 && u < g.row_elements;
      if (!exists) return 0;
      const std::int64_t start =
          (g.ring_base + model_.row_place(g, place_, oy, g.ring_row_step)) * kRingUnit;
      return model_.read_activation(start + u);
    }

   private:
    Implementation& model_;
    const ConvolutionPass& convolve_;
    std::int64_t tap_row_;
    std::int64_t first_element_;
    std::int64_t used_rows_;
    std::int64_t place_;
  };

  void add_tile(const ConvolutionPass& convolve, std::int64_t tap_row, std::int64_t first_element,
                std::int64_t used_rows);
  std::int32_t product(const ConvolutionPass& convolve, int weight, int activation) const;
  void drain(const ConvolutionPass& convolve);
  std::int64_t row_place(const ComputeGeometry& g, std::int64_t place, std::int64_t steps,
                         std::int64_t step) const;
  template <typename Result>
  void for_each_result(const ComputeGeometry& g, std::int64_t channels, const Result& result);

  AcceleratorParameters parameters_;
  std::vector<std::uint16_t> products_;
  bool zero_annihilates_;
  std::vector<std::uint8_t> memory_;
  TrackedMemory<std::int16_t> scratchpad_;
  TrackedMemory<std::int16_t> output_;
  TrackedMemory<ChannelRequantization> channels_;
  std::vector<std::int32_t> sums_;
  std::deque<std::vector<std::int16_t>> weights_;
  TileObserver observer_;
  bool open_ = false;
  std::int64_t sum_bits_ = 32;

  MemoryTrace* trace_ = nullptr;

  // The run.
  FenceOrder order_;
  FenceClock known_;
  Unit unit_ = Unit::others;
  std::int64_t command_ = 0;
  std::string_view command_name_;
  IntervalMap stored_;  // memory outside: stores that wrote it, and loads that read it
  IntervalMap read_activations_;
  IntervalMap read_others_;

  // Registers.
  std::uint32_t status_ = 0;
  std::uint32_t error_command_ = 0;
  std::uint32_t error_detail_ = 0;
  std::uint32_t command_base_ = 0;
  std::uint32_t command_count_ = 0;
  std::uint32_t watchdog_ = 0;
  std::uint32_t interrupt_enable_ = 0;
  std::uint32_t interrupt_status_ = 0;
  std::uint32_t scratch_ = 0;
  std::uint32_t table_address_ = 0;
  std::uint32_t table_crc_ = 0;
  // Commands, tiles, positions: as they are, and as of the last snapshot.
  std::array<std::uint64_t, 3> counters_{};
  std::array<std::uint64_t, 3> snapshot_{};
};

}  // namespace mbm
