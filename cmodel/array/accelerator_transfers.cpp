// Loads and stores of the accelerator's functional model.
#include "cmodel/array/accelerator_implementation.hpp"
#include "cmodel/array/operand_format.hpp"

namespace mbm {
namespace {

using registers::Format;

constexpr std::int64_t kParameterBytes = 16;

}  // namespace

// A load reads memory outside.
void AcceleratorModel::Implementation::touch_memory(IntervalMap& readers, std::int64_t address,
                                                    std::int64_t bytes) {
  require_known(CommandCounter::stores, stored_.most(address, address + bytes), "reads memory",
                address);
  readers.assign(address, address + bytes, index());
  if (trace_ != nullptr) trace_->loaded(unit_, command_, memory(address, bytes));
}

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
    products_[static_cast<std::size_t>((load.first + i) % kProducts)] =
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

}  // namespace mbm
