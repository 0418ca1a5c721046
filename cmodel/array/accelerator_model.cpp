// The run of the accelerator's functional model.
#include "cmodel/array/accelerator_model.hpp"

#include "cmodel/array/accelerator_implementation.hpp"
#include "cmodel/array/compute_fault.hpp"

namespace mbm {

void AcceleratorModel::Implementation::fail_unknown(CommandCounter progress, std::int64_t index,
                                                    std::string_view what,
                                                    std::int64_t place) const {
  static constexpr std::array<std::string_view, kCommandCounters> kNames{
      "activation load", "other load", "reading compute command", "draining compute command",
      "store"};
  fail(ErrorKind::internal,
       "command {} ({}): no fence before it {} {}: {} {} may be under way ({} are known to be "
       "finished)",
       command_, command_name_, what, place, kNames[static_cast<std::size_t>(progress)], index,
       known_[progress]);
}

// What the units refuse beyond the dispatcher.
CommandFault AcceleratorModel::Implementation::unit_fault(const CommandOperation& operation) const {
  struct Visitor {
    const Implementation& model;

    CommandFault rows(std::int64_t format, std::int64_t address, std::int64_t pitch) const {
      constexpr std::uint32_t kAddressWord = registers::store::kAddress.word;
      constexpr std::uint32_t kPitchWord = registers::store::kPitch.word;
      if (static_cast<registers::Format>(format) != registers::Format::code16) return {};
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
  forget_accesses();
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
  forget_accesses();
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
