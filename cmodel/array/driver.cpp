#include "cmodel/array/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

std::uint32_t reset_value(std::uint32_t address) {
  const auto& all = registers::kRegisters;
  return std::find_if(all.begin(), all.end(),
                      [&](const auto& one) { return one.address == address; })
      ->reset;
}

std::uint32_t field_of(std::uint32_t value, const registers::Field& field) {
  const std::uint32_t mask = field.bits == 32 ? ~0U : (1U << field.bits) - 1U;
  return (value >> field.lsb) & mask;
}

std::uint32_t bit(const registers::Field& field) {
  return 1U << field.lsb;
}

// The codes that a format holds.
std::pair<int, int> codes_of(registers::Format format) {
  switch (format) {
    case registers::Format::int8:
    case registers::Format::log8:
      return {-127, 127};
    case registers::Format::unsigned8:
      return {0, 255};
    case registers::Format::code16:
      return {-255, 255};
  }
  return {0, 0};
}

}  // namespace

std::string describe_device_error(std::uint32_t code, std::uint32_t detail) {
  using registers::Error;
  switch (static_cast<Error>(code)) {
    case Error::none:
      return "no error";
    case Error::opcode:
      return fmt::format("no command has opcode {}", detail);
    case Error::field:
      return fmt::format("a field of word {} is out of range", detail);
    case Error::read:
      return fmt::format("the bus answered a read with response {} (client {})", detail & 3U,
                         (detail >> 8) & 3U);
    case Error::write:
      return fmt::format("the bus answered a write with response {}", detail);
    case Error::watchdog:
      return fmt::format("no progress; units at work: {:#09b}", detail);
    case Error::compute:
      return fmt::format("the compute core refuses it with code {}", detail);
  }
  return fmt::format("unknown error {} ({})", code, detail);
}

AcceleratorDriver::AcceleratorDriver(Device& device) : device_(device) {
  const std::uint32_t id = device_.read_register(registers::kId);
  if (id != reset_value(registers::kId)) {
    fail(ErrorKind::device, "device: identity {:#010x} found, {:#010x} expected", id,
         reset_value(registers::kId));
  }
  const std::uint32_t version = device_.read_register(registers::kVersion);
  const std::uint32_t expected = reset_value(registers::kVersion);
  if (field_of(version, registers::version::kMajor) !=
      field_of(expected, registers::version::kMajor)) {
    fail(ErrorKind::device, "device: version {} of registers and commands found, {} expected",
         field_of(version, registers::version::kMajor),
         field_of(expected, registers::version::kMajor));
  }
  const auto read = [&](std::uint32_t address) {
    return static_cast<std::int64_t>(device_.read_register(address));
  };
  parameters_.rows = read(registers::kRows);
  parameters_.columns = read(registers::kColumns);
  parameters_.kind = static_cast<ElementKind>(read(registers::kPeKind));
  parameters_.fraction_bits = read(registers::kFractionBits);
  parameters_.log_kind = read(registers::kLogKind);
  parameters_.lanes = read(registers::kLanes);
  parameters_.bus_bytes = read(registers::kBusBytes);
  parameters_.activation_depth = read(registers::kActivationDepth);
  parameters_.weight_rows = read(registers::kWeightRows);
  parameters_.sum_depth = read(registers::kSumDepth);
  parameters_.output_depth = read(registers::kOutputDepth);
  parameters_.parameter_depth = read(registers::kParameterDepth);
  parameters_.table_entries = read(registers::kTableEntries);
  parameters_.validate();
}

void AcceleratorDriver::load(const AcceleratorProgram& program) {
  if (program.parameters != parameters_) {
    fail(ErrorKind::usage, "device is {}, the program was made for {}", parameters_.description(),
         program.parameters.description());
  }
  for (const MemorySegment& segment : program.segments) {
    device_.write(static_cast<std::uint64_t>(segment.address), segment.bytes);
  }
  device_.write(static_cast<std::uint64_t>(program.command_address),
                command_bytes(program.commands));
  device_.write_register(registers::kCommandBase,
                         static_cast<std::uint32_t>(program.command_address));
  device_.write_register(registers::kCommandCount,
                         static_cast<std::uint32_t>(program.commands.size()));
  command_names_.clear();
  for (const Command& command : program.commands) {
    command_names_.emplace_back(command_name(command.operation));
  }
}

void AcceleratorDriver::write_tensor(const TensorView& view, std::span<const std::int16_t> codes) {
  const std::int64_t count = view.channels * view.height * view.width;
  if (static_cast<std::int64_t>(codes.size()) != count) {
    fail(ErrorKind::usage, "tensor of {}x{}x{}: {} codes found, {} expected", view.channels,
         view.height, view.width, codes.size(), count);
  }
  const auto [least, most] = codes_of(view.format);
  const std::int64_t size = view.element_bytes();
  const std::int64_t plane = view.height * view.width;
  std::vector<std::uint8_t> pixel(static_cast<std::size_t>(view.channels * size));
  // A dense tensor goes in one piece, else every pixel leaves its neighbours alone.
  const bool dense = view.dense(view.channels);
  std::vector<std::uint8_t> whole;
  for (std::int64_t place = 0; place < plane; ++place) {
    for (std::int64_t c = 0; c < view.channels; ++c) {
      const std::int16_t code = codes[static_cast<std::size_t>(c * plane + place)];
      if (code < least || code > most) {
        fail(ErrorKind::usage, "tensor of {}x{}x{}: code {} found, {}..{} expected", view.channels,
             view.height, view.width, code, least, most);
      }
      store_operand(view.format, code, pixel.data() + static_cast<std::size_t>(c * size));
    }
    if (dense) {
      whole.insert(whole.end(), pixel.begin(), pixel.end());
    } else {
      device_.write(static_cast<std::uint64_t>(view.address + place * view.pixel_pitch), pixel);
    }
  }
  if (dense) device_.write(static_cast<std::uint64_t>(view.address), whole);
}

std::vector<std::int16_t> AcceleratorDriver::read_tensor(const TensorView& view) {
  const std::int64_t size = view.element_bytes();
  const std::int64_t plane = view.height * view.width;
  std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>((plane - 1) * view.pixel_pitch + view.channels * size));
  device_.read(static_cast<std::uint64_t>(view.address), bytes);
  std::vector<std::int16_t> codes(static_cast<std::size_t>(view.channels * plane));
  for (std::int64_t place = 0; place < plane; ++place) {
    for (std::int64_t c = 0; c < view.channels; ++c) {
      codes[static_cast<std::size_t>(c * plane + place)] = load_operand(
          view.format,
          bytes.data() + static_cast<std::size_t>(place * view.pixel_pitch + c * size));
    }
  }
  return codes;
}

void AcceleratorDriver::run(std::uint64_t cycles) {
  start();
  finish(cycles);
}

void AcceleratorDriver::start() {
  const std::uint32_t events =
      bit(registers::interrupt_enable::kDone) | bit(registers::interrupt_enable::kError);
  device_.write_register(registers::kInterruptStatus, events);
  device_.write_register(registers::kInterruptEnable, events);
  device_.write_register(registers::kControl, bit(registers::control::kStart));
}

void AcceleratorDriver::finish(std::uint64_t cycles) {
  if (!device_.wait(cycles)) {
    fail(ErrorKind::timeout, "device: no interrupt within {} cycles", cycles);
  }
  const std::uint32_t status = device_.read_register(registers::kStatus);
  if (field_of(status, registers::status::kDone) != 0) return;
  const std::uint32_t index = device_.read_register(registers::kErrorCommand);
  const std::string name = index < command_names_.size() ? command_names_[index] : "none";
  const std::string message = describe_device_error(field_of(status, registers::status::kErrorCode),
                                                    device_.read_register(registers::kErrorDetail));
  device_.write_register(registers::kControl, bit(registers::control::kReset));
  fail(ErrorKind::device, "device: command {} ({}): {}", index, name, message);
}

CounterValues AcceleratorDriver::counters() {
  device_.write_register(registers::kControl, bit(registers::control::kSnapshot));
  CounterValues values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t address = registers::kCounters[i].address;
    values[i] =
        device_.read_register(address) | (std::uint64_t{device_.read_register(address + 4)} << 32);
  }
  return values;
}

std::uint32_t AcceleratorDriver::table_crc() {
  device_.write_register(registers::kControl, bit(registers::control::kCheckTable));
  // Every access takes the device further; each entry takes it a few cycles.
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uint32_t status = device_.read_register(registers::kStatus);
    if (field_of(status, registers::status::kTableBusy) == 0) {
      return device_.read_register(registers::kTableCrc);
    }
  }
  fail(ErrorKind::timeout, "device: the check of the table does not end");
}

}  // namespace mbm
