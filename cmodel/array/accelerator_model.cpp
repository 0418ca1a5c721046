#include "cmodel/array/accelerator_model.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <utility>

#include "cmodel/array/fence_order.hpp"
#include "cmodel/array/interval_map.hpp"
#include "cmodel/array/log_operand.hpp"
#include "cmodel/array/operand_format.hpp"
#include "cmodel/array/resize_walk.hpp"
#include "cmodel/common/error.hpp"
#include "cmodel/quantization/log_code.hpp"
#include "cmodel/quantization/requantization.hpp"

namespace mbm {
namespace {

using registers::Format;

constexpr std::int64_t kTableEntries = 65536;
constexpr std::int64_t kParameterBytes = 16;

bool bad_size(const CommandOperation& operation) {
  const ComputeGeometry& g = geometry_of(operation);
  if (g.rows == 0 || g.columns == 0) return true;
  if (const auto* convolve = std::get_if<ConvolutionPass>(&operation)) {
    return convolve->tiles() == 0;
  }
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.window_rows; }) {
          if (one.window_rows == 0 || one.window_columns == 0) return true;
        }
        if constexpr (requires { one.channels; }) return one.channels == 0;
        return false;
      },
      operation);
}

// The log code of value * 2^-shift with its sign, within the bounds of the command.
std::int64_t clamped_log_code(std::int64_t value, std::int64_t shift, const ComputeGeometry& g) {
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const std::int64_t code = log_code(magnitude, static_cast<int>(shift));
  return std::clamp(value < 0 ? -code : code, g.lowest, g.highest);
}

bool bad_ring(const ComputeGeometry& g, const AcceleratorParameters& parameters) {
  return g.ring_first >= g.ring_size || g.ring_row_step >= g.ring_size ||
         g.ring_tap_step >= g.ring_size ||
         g.ring_base + g.ring_size > parameters.activation_depth / kRingUnit;
}

bool bad_parameters(const CommandOperation& operation, const AcceleratorParameters& parameters) {
  if (const auto* convolve = std::get_if<ConvolutionPass>(&operation)) {
    return convolve->last &&
           convolve->parameter_first + convolve->channels > parameters.parameter_depth;
  }
  if (const auto* add = std::get_if<Add>(&operation)) return add->shift > 47;
  if (const auto* rescale = std::get_if<Rescale>(&operation)) return rescale->shift > 47;
  return false;
}

}  // namespace

ComputeFault compute_fault(const CommandOperation& operation,
                           const AcceleratorParameters& parameters, bool open) {
  const ComputeGeometry& g = geometry_of(operation);
  const auto* convolve = std::get_if<ConvolutionPass>(&operation);
  if (bad_size(operation)) return ComputeFault::size;
  if (convolve != nullptr && (convolve->last_rows == 0 || convolve->last_rows > parameters.rows ||
                              convolve->channels == 0 || convolve->channels > parameters.columns)) {
    return ComputeFault::tile;
  }
  if (bad_ring(g, parameters)) return ComputeFault::ring;
  if (convolve != nullptr && (convolve->sum_bits < 8 || convolve->sum_bits > 32)) {
    return ComputeFault::sum_bits;
  }
  if (convolve != nullptr && convolve->first == open) return ComputeFault::reduction;
  if (g.lowest > g.highest || g.lowest == -256 || g.highest == -256) return ComputeFault::bounds;
  if (bad_parameters(operation, parameters)) return ComputeFault::parameters;
  if (convolve != nullptr && parameters.kind != ElementKind::log &&
      (convolve->log_activations || convolve->log_weights)) {
    return ComputeFault::log_codes;
  }
  if (convolve != nullptr && convolve->positions() > parameters.sum_depth) {
    return ComputeFault::positions;
  }
  return ComputeFault::none;
}

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
      products_.assign(kTableEntries, 0);
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
  void run();
  void stop(registers::Error code, std::uint32_t detail);
  CommandFault execute(const Command& command);
  void require_known(CommandCounter progress, std::int64_t index, std::string_view what,
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

// --- promises

void AcceleratorModel::Implementation::require_known(CommandCounter progress, std::int64_t index,
                                                     std::string_view what,
                                                     std::int64_t place) const {
  if (known_[progress] > index) return;
  static constexpr std::array<std::string_view, kCommandCounters> kNames{
      "activation load", "other load", "reading compute command", "draining compute command",
      "store"};
  fail(ErrorKind::internal,
       "command {} ({}): no fence before it {} {}: {} {} may be under way ({} are known to be "
       "finished)",
       command_, command_name_, what, place, kNames[static_cast<std::size_t>(progress)], index,
       known_[progress]);
}

std::int16_t AcceleratorModel::Implementation::read_activation(std::int64_t element) {
  const auto place = static_cast<std::size_t>(element % parameters_.activation_depth);
  const std::int32_t writer = scratchpad_.writer[place];
  if (writer < 0) {
    fail(ErrorKind::internal, "command {} ({}): reads element {} of the scratchpad, never loaded",
         command_, command_name_, place);
  }
  require_known(CommandCounter::activations, writer, "reads element",
                static_cast<std::int64_t>(place));
  scratchpad_.reader[place] = static_cast<std::int32_t>(index());
  return scratchpad_.elements[place];
}

void AcceleratorModel::Implementation::write_result(std::int64_t element, std::int64_t value) {
  const auto place = static_cast<std::size_t>(element % parameters_.output_depth);
  require_known(CommandCounter::stores, output_.reader[place], "overwrites output element",
                static_cast<std::int64_t>(place));
  output_.elements[place] = static_cast<std::int16_t>(value);
  output_.writer[place] = static_cast<std::int32_t>(index());
}

// A load reads memory outside.
void AcceleratorModel::Implementation::touch_memory(IntervalMap& readers, std::int64_t address,
                                                    std::int64_t bytes) {
  require_known(CommandCounter::stores, stored_.most(address, address + bytes), "reads memory",
                address);
  readers.assign(address, address + bytes, index());
  if (trace_ != nullptr) trace_->loaded(unit_, command_, memory(address, bytes));
}

// --- loads and stores

void AcceleratorModel::Implementation::execute(const LoadActivations& load) {
  const auto format = static_cast<Format>(load.format);
  const std::int64_t size = operand_bytes(format);
  for (std::int64_t row = 0; row < load.rows; ++row) {
    const std::int64_t address = (load.address + row * load.pitch) & 0xffffffffLL;
    const auto bytes = memory(address, load.elements * size);
    touch_memory(read_activations_, address, load.elements * size);
    for (std::int64_t i = 0; i < load.elements; ++i) {
      const auto place = static_cast<std::size_t>(
          (load.destination + row * load.destination_pitch + i) % parameters_.activation_depth);
      require_known(CommandCounter::read, scratchpad_.reader[place], "overwrites element",
                    static_cast<std::int64_t>(place));
      scratchpad_.elements[place] =
          load_operand(format, bytes.data() + static_cast<std::size_t>(i * size));
      scratchpad_.writer[place] = static_cast<std::int32_t>(index());
    }
  }
}

void AcceleratorModel::Implementation::execute(const LoadWeights& load) {
  const auto format = static_cast<Format>(load.format);
  const std::int64_t size = operand_bytes(format);
  const std::int64_t row_bytes = parameters_.columns * size;
  const auto bytes = memory(load.address, load.rows * row_bytes);
  touch_memory(read_others_, load.address, load.rows * row_bytes);
  for (std::int64_t row = 0; row < load.rows; ++row) {
    std::vector<std::int16_t> operands;
    for (std::int64_t c = 0; c < parameters_.columns; ++c) {
      operands.push_back(load_operand(
          format, bytes.data() + static_cast<std::size_t>(row * row_bytes + c * size)));
    }
    weights_.push_back(std::move(operands));
  }
}

void AcceleratorModel::Implementation::execute(const LoadParameters& load) {
  const auto bytes = memory(load.address, load.channels * kParameterBytes);
  touch_memory(read_others_, load.address, load.channels * kParameterBytes);
  const auto number = [&](std::int64_t channel, std::int64_t offset, int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
      value |= static_cast<std::uint32_t>(
                   bytes[static_cast<std::size_t>(channel * kParameterBytes + offset + i)])
               << (8 * i);
    }
    return value;
  };
  for (std::int64_t c = 0; c < load.channels; ++c) {
    const auto place = static_cast<std::size_t>((load.first + c) % parameters_.parameter_depth);
    require_known(CommandCounter::drained, channels_.reader[place],
                  "overwrites parameters of channel", static_cast<std::int64_t>(place));
    channels_.elements[place] = {.bias = static_cast<std::int32_t>(number(c, 0, 4)),
                                 .multiplier = static_cast<std::uint16_t>(number(c, 4, 2)),
                                 .negative_multiplier = static_cast<std::uint16_t>(number(c, 6, 2)),
                                 .shift = static_cast<std::uint8_t>(number(c, 8, 4) & 63U)};
    channels_.writer[place] = static_cast<std::int32_t>(index());
  }
}

void AcceleratorModel::Implementation::execute(const LoadTable& load) {
  const auto bytes = memory(load.address, load.entries * 2);
  touch_memory(read_others_, load.address, load.entries * 2);
  require_known(CommandCounter::read, order_.entered(Unit::compute) - 1, "overwrites table entry",
                load.first);
  if (parameters_.kind != ElementKind::lut) return;
  for (std::int64_t i = 0; i < load.entries; ++i) {
    const auto at = static_cast<std::size_t>(2 * i);
    products_[static_cast<std::size_t>((load.first + i) % kTableEntries)] =
        static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8));
  }
}

void AcceleratorModel::Implementation::execute(const Store& store) {
  const auto format = static_cast<Format>(store.format);
  const std::int64_t size = operand_bytes(format);
  for (std::int64_t row = 0; row < store.rows; ++row) {
    const std::int64_t address = (store.address + row * store.pitch) & 0xffffffffLL;
    const std::int64_t end = address + store.elements * size;
    const auto bytes = memory(address, store.elements * size);
    require_known(CommandCounter::activations, read_activations_.most(address, end),
                  "overwrites memory", address);
    require_known(CommandCounter::others, read_others_.most(address, end), "overwrites memory",
                  address);
    stored_.assign(address, end, index());
    for (std::int64_t i = 0; i < store.elements; ++i) {
      const auto place = static_cast<std::size_t>((store.source + row * store.source_pitch + i) %
                                                  parameters_.output_depth);
      if (output_.writer[place] < 0) {
        fail(ErrorKind::internal, "command {} ({}): stores output element {}, never written",
             command_, command_name_, place);
      }
      require_known(CommandCounter::drained, output_.writer[place], "stores output element",
                    static_cast<std::int64_t>(place));
      output_.reader[place] = static_cast<std::int32_t>(index());
      store_operand(format, output_.elements[place],
                    bytes.data() + static_cast<std::size_t>(i * size));
    }
    if (trace_ != nullptr) trace_->stored(command_, bytes);
  }
}

// --- convolution

// Place in the ring `steps` steps after `place`.
std::int64_t AcceleratorModel::Implementation::row_place(const ComputeGeometry& g,
                                                         std::int64_t place, std::int64_t steps,
                                                         std::int64_t step) const {
  return (place + steps * step) % g.ring_size;
}

std::int32_t AcceleratorModel::Implementation::product(const ConvolutionPass& convolve, int weight,
                                                       int activation) const {
  const auto magnitude = [](int operand) {
    return static_cast<std::size_t>(operand < 0 ? -operand : operand);
  };
  std::int32_t result = 0;
  if (convolve.log_activations || convolve.log_weights) {
    result = log_domain_product(
        {static_cast<int>(parameters_.log_kind), static_cast<int>(parameters_.fraction_bits)},
        static_cast<int>(magnitude(weight)), convolve.log_weights,
        static_cast<int>(magnitude(activation)), convolve.log_activations);
  } else {
    result = products_[magnitude(weight) * ProductTable::kOperands + magnitude(activation)];
  }
  return (weight < 0) != (activation < 0) ? -result : result;
}

// One tile: every position gets the sum of its products, and saturates.
void AcceleratorModel::Implementation::add_tile(const ConvolutionPass& convolve,
                                                std::int64_t tap_row, std::int64_t first_element,
                                                std::int64_t used_rows) {
  const ComputeGeometry& g = convolve.geometry;
  const Tile tile(*this, convolve, tap_row, first_element, used_rows);
  if (observer_) {
    observer_(tile);
    weights_.erase(weights_.begin(), weights_.begin() + parameters_.rows);
    return;
  }
  std::vector<std::int64_t> column(static_cast<std::size_t>(convolve.channels));
  const bool plain = zero_annihilates_ && !convolve.log_activations && !convolve.log_weights;
  for (std::int64_t oy = 0; oy < g.rows; ++oy) {
    for (std::int64_t ox = 0; ox < g.columns; ++ox) {
      std::fill(column.begin(), column.end(), 0);
      for (std::int64_t r = 0; r < used_rows; ++r) {
        const int activation = tile.activation(oy, ox, r);
        if (plain && activation == 0) continue;
        // The bottom row of a tile is the first one.
        const auto& weights = weights_[static_cast<std::size_t>(parameters_.rows - 1 - r)];
        for (std::size_t c = 0; c < column.size(); ++c) {
          column[c] += product(convolve, weights[c], activation);
        }
      }
      std::int32_t* sums = sums_.data() + (oy * g.columns + ox) * parameters_.columns;
      for (std::size_t c = 0; c < column.size(); ++c) {
        sums[c] = static_cast<std::int32_t>(
            saturate_to_bits(sums[c] + column[c], static_cast<int>(sum_bits_)));
      }
    }
  }
  weights_.erase(weights_.begin(), weights_.begin() + parameters_.rows);
}

void AcceleratorModel::Implementation::drain(const ConvolutionPass& convolve) {
  const ComputeGeometry& g = convolve.geometry;
  const Requantization layer{
      {},
      convolve.floor ? RequantizationRounding::floor : RequantizationRounding::nearest,
      static_cast<std::int16_t>(g.lowest),
      static_cast<std::int16_t>(g.highest)};
  for (std::int64_t c = 0; c < convolve.channels; ++c) {
    const auto place = static_cast<std::size_t>(convolve.parameter_first + c);
    if (channels_.writer[place] < 0) {
      fail(ErrorKind::internal, "command {} ({}): reads parameters of channel {}, never loaded",
           command_, command_name_, place);
    }
    require_known(CommandCounter::others, channels_.writer[place], "reads parameters of channel",
                  static_cast<std::int64_t>(place));
    channels_.reader[place] = static_cast<std::int32_t>(index());
    const ChannelRequantization& channel = channels_.elements[place];
    for (std::int64_t position = 0; position < convolve.positions(); ++position) {
      const std::int32_t sum = sums_[static_cast<std::size_t>(position * parameters_.columns + c)];
      const std::int16_t code = convolve.log_output ? requantize_to_log_code(sum, channel, layer)
                                                    : requantize(sum, channel, layer);
      write_result(g.output_address + position * g.position_pitch + c, code);
    }
  }
}

void AcceleratorModel::Implementation::execute(const ConvolutionPass& convolve) {
  const std::int64_t rows = convolve.tiles() * parameters_.rows;
  if (static_cast<std::int64_t>(weights_.size()) < rows) {
    fail(ErrorKind::internal, "command {} ({}): {} rows of weights found, {} expected", command_,
         command_name_, weights_.size(), rows);
  }
  if (convolve.first) {
    sum_bits_ = convolve.sum_bits;
    std::fill(sums_.begin(), sums_.end(), 0);
  }
  for (std::int64_t i = 0; i < convolve.kernel_rows; ++i) {
    for (std::int64_t j = 0; j < convolve.runs; ++j) {
      for (std::int64_t k = 0; k < convolve.chunks; ++k) {
        const bool last = k == convolve.chunks - 1;
        add_tile(convolve, i,
                 convolve.geometry.u_first + j * convolve.geometry.tap_step + k * parameters_.rows,
                 last ? convolve.last_rows : parameters_.rows);
      }
    }
  }
  if (convolve.last) drain(convolve);
  open_ = !convolve.last;
  counters_[1] += static_cast<std::uint64_t>(convolve.tiles());
  counters_[2] += static_cast<std::uint64_t>(convolve.tiles() * convolve.positions());
}

// --- vector commands

// Calls result(oy, ox, channel) -> value for every element of the output, and writes the value.
template <typename Result>
void AcceleratorModel::Implementation::for_each_result(const ComputeGeometry& g,
                                                       std::int64_t channels,
                                                       const Result& result) {
  for (std::int64_t oy = 0; oy < g.rows; ++oy) {
    for (std::int64_t ox = 0; ox < g.columns; ++ox) {
      for (std::int64_t c = 0; c < channels; ++c) {
        write_result(g.output_address + (oy * g.columns + ox) * g.position_pitch + c,
                     result(oy, ox, c));
      }
    }
  }
  const std::int64_t groups = (channels + parameters_.lanes - 1) / parameters_.lanes;
  counters_[2] += static_cast<std::uint64_t>(g.rows * g.columns * groups);
}

void AcceleratorModel::Implementation::execute(const Maximum& maximum) {
  const ComputeGeometry& g = maximum.geometry;
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    std::int64_t largest = -256;
    const std::int64_t first = row_place(g, g.ring_first, oy, g.ring_row_step);
    for (std::int64_t i = 0; i < maximum.window_rows; ++i) {
      const std::int64_t y = g.y_first + oy * g.y_step + i;
      const std::int64_t place = row_place(g, first, i, g.ring_tap_step);
      for (std::int64_t j = 0; j < maximum.window_columns; ++j) {
        const std::int64_t u = g.u_first + ox * g.column_step + j * g.tap_step;
        if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) continue;
        largest = std::max<std::int64_t>(
            largest, read_activation((g.ring_base + place) * kRingUnit + u + c));
      }
    }
    return std::clamp(largest, g.lowest, g.highest);
  };
  for_each_result(g, maximum.channels, result);
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((maximum.channels + parameters_.lanes - 1) / parameters_.lanes) *
      (maximum.window_rows * maximum.window_columns - 1));
}

void AcceleratorModel::Implementation::execute(const Resize& resize) {
  const ComputeGeometry& g = resize.geometry;
  constexpr std::int64_t kOne = 65536;
  const std::vector<ResizeOutput> outputs = resize_row(resize);
  const auto code = [&](std::int64_t place, std::int64_t y, std::int64_t u, std::int64_t c) {
    if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) return std::int64_t{0};
    return std::int64_t{read_activation((g.ring_base + place) * kRingUnit + u + c)};
  };
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    const ResizeOutput& output = outputs[static_cast<std::size_t>(ox)];
    const std::int64_t y_position = resize.fraction_y_first + oy * resize.fraction_y_step;
    const std::int64_t carried_rows = y_position / kOne;
    const std::int64_t y = g.y_first + oy * g.y_step + carried_rows;
    const std::int64_t place = row_place(g, row_place(g, g.ring_first, oy, g.ring_row_step),
                                         carried_rows, g.ring_tap_step);
    if (!resize.bilinear) return std::clamp(code(place, y, output.left, c), g.lowest, g.highest);
    const bool last_row = y + 1 == g.height;
    const std::int64_t next_place = last_row ? place : row_place(g, place, 1, g.ring_tap_step);
    const std::int64_t next_y = last_row ? y : y + 1;
    const std::int64_t y_weight = (y_position >> 8) & 255;
    const auto column = [&](std::int64_t u) {
      return code(place, y, u, c) * (256 - y_weight) + code(next_place, next_y, u, c) * y_weight;
    };
    const std::int64_t sum =
        column(output.left) * (256 - output.weight) + column(output.right) * output.weight;
    return std::clamp((sum + kOne / 2) >> 16, g.lowest, g.highest);
  };
  for_each_result(g, resize.channels, result);
  const std::int64_t groups = (resize.channels + parameters_.lanes - 1) / parameters_.lanes;
  counters_[2] +=
      static_cast<std::uint64_t>(g.rows * groups * (resize_row_taps(resize) - g.columns));
}

void AcceleratorModel::Implementation::execute(const Add& add) {
  const ComputeGeometry& g = add.geometry;
  const Requantization layer{
      {},
      add.floor ? RequantizationRounding::floor : RequantizationRounding::nearest,
      static_cast<std::int16_t>(g.lowest),
      static_cast<std::int16_t>(g.highest)};
  const AdditionRequantization addition{
      .multiplier_a = static_cast<std::uint16_t>(add.multiplier),
      .multiplier_b = static_cast<std::uint16_t>(add.second_multiplier),
      .shift = static_cast<std::uint8_t>(add.shift),
      .rounding = layer.rounding,
      .lowest = layer.lowest,
      .highest = layer.highest};
  for_each_result(g, add.channels, [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    const std::int64_t y = g.y_first + oy * g.y_step;
    const std::int64_t u = g.u_first + ox * g.column_step;
    const bool inside = y >= 0 && y < g.height && u >= 0 && u < g.row_elements;
    const std::int64_t element =
        (g.ring_base + row_place(g, g.ring_first, oy, g.ring_row_step)) * kRingUnit + u + c;
    const int first = inside ? read_activation(element) : 0;
    const int second = inside ? read_activation(element + add.second * kRingUnit) : 0;
    if (!add.log_output) return std::int64_t{requantize_addition(first, second, addition)};
    const std::int64_t scaled =
        std::int64_t{first} * add.multiplier + std::int64_t{second} * add.second_multiplier;
    return clamped_log_code(scaled, add.shift, g);
  });
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((add.channels + parameters_.lanes - 1) / parameters_.lanes));
}

void AcceleratorModel::Implementation::execute(const Rescale& rescale) {
  const ComputeGeometry& g = rescale.geometry;
  // Each code is scaled, then they are summed, rounded and clamped.
  const auto result = [&](std::int64_t oy, std::int64_t ox, std::int64_t c) {
    std::int64_t scaled = 0;
    const std::int64_t first = row_place(g, g.ring_first, oy, g.ring_row_step);
    for (std::int64_t i = 0; i < rescale.window_rows; ++i) {
      const std::int64_t y = g.y_first + oy * g.y_step + i;
      const std::int64_t place = row_place(g, first, i, g.ring_tap_step);
      for (std::int64_t j = 0; j < rescale.window_columns; ++j) {
        const std::int64_t u = g.u_first + ox * g.column_step + j * g.tap_step;
        if (y < 0 || y >= g.height || u < 0 || u >= g.row_elements) continue;
        const std::int64_t code = read_activation((g.ring_base + place) * kRingUnit + u + c);
        scaled += code * (code < 0 ? rescale.negative_multiplier : rescale.multiplier);
      }
    }
    if (rescale.log_output) return clamped_log_code(scaled, rescale.shift, g);
    const std::int64_t offset =
        rescale.floor || rescale.shift == 0 ? 0 : std::int64_t{1} << (rescale.shift - 1);
    return std::clamp((scaled + offset) >> rescale.shift, g.lowest, g.highest);
  };
  for_each_result(g, rescale.channels, result);
  counters_[2] += static_cast<std::uint64_t>(
      g.rows * g.columns * ((rescale.channels + parameters_.lanes - 1) / parameters_.lanes) *
      (rescale.window_rows * rescale.window_columns - 1));
}

// --- the run

// What the units refuse beyond the dispatcher.
CommandFault AcceleratorModel::Implementation::unit_fault(const CommandOperation& operation) const {
  struct Visitor {
    const Implementation& model;

    CommandFault rows(std::int64_t format, std::int64_t address, std::int64_t pitch) const {
      constexpr std::uint32_t kAddressWord = registers::store::kAddress.word;
      constexpr std::uint32_t kPitchWord = registers::store::kPitch.word;
      if (static_cast<Format>(format) != Format::code16) return {};
      if (address % 2 != 0) return {registers::Error::field, kAddressWord};
      if (pitch % 2 != 0) return {registers::Error::field, kPitchWord};
      return {};
    }
    CommandFault operator()(const LoadActivations& one) const {
      return rows(one.format, one.address, one.pitch);
    }
    CommandFault operator()(const Store& one) const {
      return rows(one.format, one.address, one.pitch);
    }
    CommandFault operator()(const LoadWeights&) const { return {}; }
    CommandFault operator()(const LoadParameters&) const { return {}; }
    CommandFault operator()(const LoadTable&) const { return {}; }
    CommandFault compute(const CommandOperation& one) const {
      const ComputeFault fault = compute_fault(one, model.parameters_, model.open_);
      if (fault == ComputeFault::none) return {};
      return {registers::Error::compute, static_cast<std::uint32_t>(fault)};
    }
    CommandFault operator()(const ConvolutionPass& one) const { return compute(one); }
    CommandFault operator()(const Maximum& one) const { return compute(one); }
    CommandFault operator()(const Resize& one) const { return compute(one); }
    CommandFault operator()(const Add& one) const { return compute(one); }
    CommandFault operator()(const Rescale& one) const { return compute(one); }
  };
  return std::visit(Visitor{*this}, operation);
}

CommandFault AcceleratorModel::Implementation::execute(const Command& command) {
  unit_ = unit_of(command.operation);
  command_name_ = command_name(command.operation);
  if (const CommandFault fault = unit_fault(command.operation);
      fault.code != registers::Error::none) {
    return fault;
  }
  known_ = order_.enter(command);
  std::visit([this](const auto& operation) { execute(operation); }, command.operation);
  ++counters_[0];
  return {};
}

void AcceleratorModel::Implementation::stop(registers::Error code, std::uint32_t detail) {
  status_ = (1U << registers::status::kError.lsb) |
            (static_cast<std::uint32_t>(code) << registers::status::kErrorCode.lsb);
  error_command_ = static_cast<std::uint32_t>(command_);
  error_detail_ = detail;
  interrupt_status_ |= 1U << registers::interrupt_status::kError.lsb;
}

void AcceleratorModel::Implementation::run() {
  order_ = {};
  stored_ = {};
  read_activations_ = {};
  read_others_ = {};
  counters_ = {};
  // A run begins when the last one has ended: what that one touched is finished.
  const auto settle = [](auto& tracked) {
    std::fill(tracked.reader.begin(), tracked.reader.end(), -1);
    for (auto& writer : tracked.writer) writer = -1;
  };
  settle(scratchpad_);
  settle(output_);
  settle(channels_);
  status_ = 0;
  for (command_ = 0; command_ < command_count_; ++command_) {
    const auto bytes =
        memory(command_base_ + command_ * registers::kCommandBytes, registers::kCommandBytes);
    const auto decoded = decode(record_of(bytes.first<registers::kCommandBytes>()));
    CommandFault fault;
    if (const auto* refused = std::get_if<CommandFault>(&decoded)) {
      fault = *refused;
    } else {
      fault = execute(std::get<Command>(decoded));
    }
    if (fault.code != registers::Error::none) return stop(fault.code, fault.detail);
  }
  status_ = 1U << registers::status::kDone.lsb;
  interrupt_status_ |= 1U << registers::interrupt_status::kDone.lsb;
}

void AcceleratorModel::Implementation::reset() {
  scratchpad_.forget();
  output_.forget();
  channels_.forget();
  weights_.clear();
  open_ = false;
  status_ = error_command_ = error_detail_ = command_base_ = command_count_ = 0;
  interrupt_enable_ = interrupt_status_ = scratch_ = table_address_ = table_crc_ = 0;
  for (const registers::Register& one : registers::kRegisters) {
    if (one.address == registers::kWatchdog) watchdog_ = one.reset;
  }
  counters_ = {};
  snapshot_ = {};
}

// --- registers

namespace {

bool pulses(std::uint32_t value, const registers::Field& field) {
  return ((value >> field.lsb) & 1U) != 0;
}

// CRC-32 of IEEE 802.3, bit by bit.
std::uint32_t crc32(std::span<const std::uint16_t> words) {
  std::uint32_t crc = ~0U;
  for (const std::uint16_t word : words) {
    crc ^= word;
    for (int bit = 0; bit < 16; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

}  // namespace

void AcceleratorModel::Implementation::write_register(std::uint32_t address, std::uint32_t value) {
  switch (address) {
    case registers::kControl:
      if (pulses(value, registers::control::kReset)) return reset();
      if (pulses(value, registers::control::kSnapshot)) snapshot_ = counters_;
      if (pulses(value, registers::control::kCheckTable)) table_crc_ = crc32(products_);
      if (!pulses(value, registers::control::kStart)) return;
      if (pulses(status_, registers::status::kError)) {
        fail(ErrorKind::device, "model: refuses to start while it holds an error");
      }
      return run();
    case registers::kCommandBase:
      command_base_ = value & ~63U;
      return;
    case registers::kCommandCount:
      command_count_ = value & 0xffffffU;
      return;
    case registers::kWatchdog:
      watchdog_ = value;
      return;
    case registers::kInterruptEnable:
      interrupt_enable_ = value & 3U;
      return;
    case registers::kInterruptStatus:
      interrupt_status_ &= ~value;
      return;
    case registers::kScratch:
      scratch_ = value;
      return;
    case registers::kTableAddress:
      table_address_ = value & 0xffffU;
      return;
    default:
      fail(ErrorKind::device, "model: register {:#05x} cannot be written", address);
  }
}

std::uint32_t AcceleratorModel::Implementation::read_register(std::uint32_t address) {
  const auto parameter = [](auto value) { return static_cast<std::uint32_t>(value); };
  switch (address) {
    case registers::kId:
    case registers::kVersion:
      return address == registers::kId ? registers::kRegisters[0].reset
                                       : registers::kRegisters[1].reset;
    case registers::kRows:
      return parameter(parameters_.rows);
    case registers::kColumns:
      return parameter(parameters_.columns);
    case registers::kPeKind:
      return parameter(parameters_.kind);
    case registers::kFractionBits:
      return parameter(parameters_.fraction_bits);
    case registers::kLogKind:
      return parameter(parameters_.log_kind);
    case registers::kLanes:
      return parameter(parameters_.lanes);
    case registers::kBusBytes:
      return parameter(parameters_.bus_bytes);
    case registers::kActivationDepth:
      return parameter(parameters_.activation_depth);
    case registers::kWeightRows:
      return parameter(parameters_.weight_rows);
    case registers::kSumDepth:
      return parameter(parameters_.sum_depth);
    case registers::kOutputDepth:
      return parameter(parameters_.output_depth);
    case registers::kParameterDepth:
      return parameter(parameters_.parameter_depth);
    case registers::kTableEntries:
      return parameter(parameters_.table_entries);
    case registers::kControl:
      return 0;
    case registers::kStatus:
      return status_;
    case registers::kErrorCommand:
      return error_command_;
    case registers::kErrorDetail:
      return error_detail_;
    case registers::kCommandBase:
      return command_base_;
    case registers::kCommandCount:
      return command_count_;
    case registers::kWatchdog:
      return watchdog_;
    case registers::kInterruptEnable:
      return interrupt_enable_;
    case registers::kInterruptStatus:
      return interrupt_status_;
    case registers::kScratch:
      return scratch_;
    case registers::kTableAddress:
      return table_address_;
    case registers::kTableData:
      return products_[table_address_];
    case registers::kTableCrc:
      return table_crc_;
    default:
      break;
  }
  // Of the counters the model has those that do not depend on time.
  const std::array<std::uint32_t, 3> counted{registers::counter::kCommands.address,
                                             registers::counter::kTiles.address,
                                             registers::counter::kPositions.address};
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (address == counted[i]) return static_cast<std::uint32_t>(snapshot_[i]);
    if (address == counted[i] + 4) return static_cast<std::uint32_t>(snapshot_[i] >> 32);
  }
  for (const registers::Counter& counter : registers::kCounters) {
    if (address == counter.address || address == counter.address + 4) return 0;
  }
  fail(ErrorKind::device, "model: register {:#05x} cannot be read", address);
}

// --- the device

AcceleratorModel::AcceleratorModel(const AcceleratorParameters& parameters,
                                   const ProductTable& table, std::int64_t memory_bytes)
    : implementation_(std::make_unique<Implementation>(parameters, table, memory_bytes)) {}

AcceleratorModel::~AcceleratorModel() = default;

void AcceleratorModel::observe(TileObserver observer) {
  implementation_->observe(std::move(observer));
}

void AcceleratorModel::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  const auto place = implementation_->memory(static_cast<std::int64_t>(address),
                                             static_cast<std::int64_t>(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), place.begin());
}

void AcceleratorModel::read(std::uint64_t address, std::span<std::uint8_t> bytes) {
  const auto place = implementation_->memory(static_cast<std::int64_t>(address),
                                             static_cast<std::int64_t>(bytes.size()));
  std::copy(place.begin(), place.end(), bytes.begin());
}

void AcceleratorModel::write_register(std::uint32_t address, std::uint32_t value) {
  implementation_->write_register(address, value);
}

std::uint32_t AcceleratorModel::read_register(std::uint32_t address) {
  return implementation_->read_register(address);
}

void AcceleratorModel::set_trace(MemoryTrace* trace) {
  implementation_->set_trace(trace);
}

bool AcceleratorModel::wait(std::uint64_t) {
  return implementation_->interrupt();
}

}  // namespace mbm
