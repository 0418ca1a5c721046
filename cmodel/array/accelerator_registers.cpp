// Registers of the accelerator's functional model.
#include "cmodel/array/accelerator_implementation.hpp"

namespace mbm {
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

}  // namespace mbm
