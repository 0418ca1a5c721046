#include "sim/systemc/model_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "cmodel/array/operand_format.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// How long an access to a register takes, and from the end of the one that starts a run to its
// first cycle: as rtl/bus/axi_lite_slave.sv does it for a master that waits for nothing.
constexpr Cycle kWriteCycles = 2;
constexpr Cycle kReadCycles = 2;
constexpr Cycle kStartCycles = 0;
constexpr Cycle kInterruptCycles = 0;  // after the last cycle that is counted

bool is_set(std::uint32_t value, const registers::Field& field) {
  return (value >> field.lsb & 1U) != 0;
}

std::uint32_t one(const registers::Field& field) {
  return 1U << field.lsb;
}

constexpr std::array<const char*, 3> kClients{"commands", "activations", "other loads"};

}  // namespace

ModelCell::ModelCell(const sc_core::sc_module_name& name, const PlatformOptions& options,
                     const ProductTable& table, std::int64_t window, Failure& failure)
    : Cell(name),
      options_(options),
      window_(window),
      failure_(failure),
      model_(options.accelerator, table, options.data ? window : 0),
      bus_("bus", options.accelerator.bus_bytes) {
  if (options.data) model_.set_trace(this);
  SC_HAS_PROCESS(ModelCell);
  SC_METHOD(run);
  sensitive << start_event_;
  dont_initialize();
  SC_METHOD(raise);
  sensitive << raise_event_;
  dont_initialize();
}

// --- registers

void ModelCell::access(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const auto address = static_cast<std::uint32_t>(payload.get_address());
  const bool write = payload.is_write();
  if (sc_core::sc_time_stamp() != at_cycle(present_cycle())) {  // woken by the interrupt
    sc_core::wait(until_edge(present_cycle() + 1));
  }
  sc_core::wait(until_edge(present_cycle() + (write ? kWriteCycles : kReadCycles)));
  bool accepted = true;
  if (write) {
    std::uint32_t value = 0;
    std::memcpy(&value, payload.get_data_ptr(), sizeof value);
    accepted = write_register(address, value);
  } else {
    const std::uint32_t value = read_register(address);
    std::memcpy(payload.get_data_ptr(), &value, sizeof value);
  }
  payload.set_response_status(accepted ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

bool ModelCell::write_register(std::uint32_t address, std::uint32_t value) {
  namespace r = registers;
  switch (address) {
    case r::kControl:
      if (is_set(value, r::control::kStart)) {
        if (running_ || is_set(status_, r::status::kError)) return false;
        start();
        return true;
      }
      if (is_set(value, r::control::kSnapshot)) snapshot_ = report_.counters;
      if (is_set(value, r::control::kReset)) {
        status_ = error_command_ = error_detail_ = interrupt_status_ = interrupt_enable_ = 0;
        command_base_ = command_count_ = 0;
        report_ = {};
      }
      break;
    case r::kCommandBase:
      if (running_) return false;
      command_base_ = value & ~63U;
      break;
    case r::kCommandCount:
      if (running_) return false;
      command_count_ = value & 0xffffffU;
      break;
    case r::kInterruptEnable:
      interrupt_enable_ = value & 3U;
      return true;
    case r::kInterruptStatus:
      interrupt_status_ &= ~value;
      return true;
    default:
      break;
  }
  model_.write_register(address, value);
  return true;
}

std::uint32_t ModelCell::read_register(std::uint32_t address) {
  namespace r = registers;
  switch (address) {
    case r::kStatus:
      return status_;
    case r::kErrorCommand:
      return error_command_;
    case r::kErrorDetail:
      return error_detail_;
    case r::kInterruptStatus:
      return interrupt_status_;
    case r::kInterruptEnable:
      return interrupt_enable_;
    default:
      break;
  }
  for (std::size_t i = 0; i < r::kCounters.size(); ++i) {
    const std::uint32_t first = r::kCounters[i].address;
    if (address == first) return static_cast<std::uint32_t>(snapshot_[i]);
    if (address == first + 4) return static_cast<std::uint32_t>(snapshot_[i] >> 32);
  }
  return model_.read_register(address);
}

// --- the run

std::vector<std::uint8_t> ModelCell::memory(std::int64_t address, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(static_cast<std::uint64_t>(address));
  payload.set_data_ptr(bytes.data());
  payload.set_data_length(static_cast<unsigned>(count));
  if (bus_.socket->transport_dbg(payload) != count) {
    fail(ErrorKind::device, "{}: {} bytes at {:#x} do not lie in its memory of {} bytes", name(),
         count, address, window_);
  }
  return bytes;
}

// The commands in memory, and of what they load what their time depends on.
AcceleratorProgram ModelCell::program() {
  AcceleratorProgram result;
  result.parameters = options_.accelerator;
  result.command_address = command_base_;
  const auto bytes =
      memory(command_base_, static_cast<std::size_t>(command_count_) * registers::kCommandBytes);
  reads_[0].expect(0, bytes);
  const std::span<const std::uint8_t> records(bytes);
  for (std::size_t at = 0; at < records.size(); at += registers::kCommandBytes) {
    const auto decoded = decode(record_of(records.subspan(at).first<registers::kCommandBytes>()));
    if (std::holds_alternative<CommandFault>(decoded)) {
      fail(ErrorKind::device, "{}: command {} is no command", name(),
           at / registers::kCommandBytes);
    }
    result.commands.push_back(std::get<Command>(decoded));
    const auto* load = std::get_if<LoadWeights>(&result.commands.back().operation);
    if (load == nullptr || result.parameters.kind != ElementKind::lut) continue;
    const std::int64_t size = load->rows * result.parameters.columns *
                              operand_bytes(static_cast<registers::Format>(load->format));
    result.segments.push_back(
        {load->address, memory(load->address, static_cast<std::size_t>(size))});
  }
  return result;
}

// The functional model's run; returns whether it did all commands.
bool ModelCell::compute() {
  model_.write(0, memory(0, static_cast<std::size_t>(window_)));
  model_.write_register(registers::kControl, one(registers::control::kStart));
  status_ = model_.read_register(registers::kStatus);
  if (is_set(status_, registers::status::kDone)) return true;
  error_command_ = model_.read_register(registers::kErrorCommand);
  error_detail_ = model_.read_register(registers::kErrorDetail);
  model_.write_register(registers::kControl, one(registers::control::kReset));
  return false;
}

void ModelCell::start() {
  for (ReadCheck& check : reads_) check.forget();
  stores_.clear();
  report_ = {};
  if (options_.data && !compute()) {
    interrupt_status_ |= one(registers::interrupt_status::kError);
    raise_event_.notify(until_middle(present_cycle() + kInterruptCycles));
    return;
  }
  timing_.reset();
  if (command_count_ > 0) {
    timing_ = std::make_unique<AcceleratorTiming>(program(), options_.shell);
  }
  status_ = one(registers::status::kBusy);
  running_ = true;
  first_ = present_cycle() + kStartCycles;
  start_event_.notify(until_edge(first_));
}

void ModelCell::run() {
  failure_.guard([this] { step(); });
}

// The end of a cycle. The next call comes with the next cycle in which anything is different.
void ModelCell::step() {
  const Cycle now = present_cycle();
  if (sc_core::sc_time_stamp() != at_cycle(now)) {  // woken by an answer
    return next_trigger(until_edge(now + 1));
  }
  if (!timing_) {  // no commands
    report_.counters[0] = 1;
    return finish();
  }
  if (timing_->now() < now - first_) timing_->skip(now - first_ - timing_->now());
  const AxiSlave& slave = bus_.slave(now);
  const AxiMaster offered = master();
  if (slave.rvalid && offered.rready) take(slave);
  const bool changed = timing_->step({.arready = slave.arready,
                                      .rvalid = slave.rvalid,
                                      .awready = slave.awready,
                                      .wready = slave.wready,
                                      .bvalid = slave.bvalid});
  if (offered.wvalid && slave.wready) {
    stores_.erase(stores_.begin(),
                  stores_.begin() + (options_.data ? std::popcount(offered.wstrb) : 0));
  }
  bus_.clock(offered);
  if (timing_->complete()) return finish();
  if (changed) {
    ++progress_;
    return next_trigger(cycle_time());
  }
  // The cycles after this one are like it, so many of them at most.
  Cycle next = bus_.next_change();
  const Cycle uniform = timing_->uniform();
  if (uniform < BusTransactor::kNever - now) next = std::min(next, now + 1 + uniform);
  if (next == BusTransactor::kNever) return next_trigger(bus_.activity());
  next_trigger(until_edge(std::max(next, now + 1)), bus_.activity());
}

void ModelCell::finish() {
  running_ = false;
  if (timing_) report_ = timing_->report();
  status_ = one(registers::status::kDone);
  interrupt_status_ |= one(registers::interrupt_status::kDone);
  raise_event_.notify(until_middle(present_cycle() + kInterruptCycles));
}

void ModelCell::raise() {
  if (interrupt()) interrupt_event_.notify(sc_core::SC_ZERO_TIME);
}

// --- data

AxiMaster ModelCell::master() {
  const BusOutputs outputs = timing_->outputs();
  AxiMaster master;
  const auto size = static_cast<std::uint8_t>(
      std::countr_zero(static_cast<unsigned>(options_.accelerator.bus_bytes)));
  master.arvalid = outputs.arvalid;
  master.araddr = outputs.araddr;
  master.arlen = static_cast<std::uint8_t>(outputs.read_beats - 1);
  master.rready = outputs.rready;
  master.awvalid = outputs.awvalid;
  master.awaddr = outputs.awaddr;
  master.awlen = static_cast<std::uint8_t>(outputs.write_beats - 1);
  master.arsize = master.awsize = size;
  master.arburst = master.awburst = 1;
  master.wvalid = outputs.wvalid;
  master.wlast = outputs.wlast;
  master.bready = outputs.bready;
  if (!master.wvalid || !options_.data) return master;
  const auto [first, end] = outputs.write_lanes;
  for (int lane = first; lane < end; ++lane) {
    master.wdata.at(static_cast<std::size_t>(lane)) =
        stores_.at(static_cast<std::size_t>(lane - first));
    master.wstrb |= 1U << lane;
  }
  return master;
}

// A beat of a read.
void ModelCell::take(const AxiSlave& slave) {
  const BusBeat beat = timing_->beat();
  if (slave.rresp != 0) {
    fail(ErrorKind::device, "{}: a read of {} is answered with {}", name(),
         kClients.at(beat.client), slave.rresp);
  }
  if (!options_.data) return;
  const auto first = static_cast<std::size_t>(beat.lanes.first);
  const auto count = static_cast<std::size_t>(beat.lanes.end - beat.lanes.first);
  reads_.at(beat.client)
      .arrive(fmt::format("{}, {}", name(), kClients.at(beat.client)),
              std::span(slave.rdata).subspan(first, count));
}

void ModelCell::loaded(Unit unit, std::int64_t command, std::span<const std::uint8_t> bytes) {
  reads_[unit == Unit::activations ? 1 : 2].expect(command, bytes);
}

void ModelCell::stored(std::int64_t, std::span<const std::uint8_t> bytes) {
  stores_.insert(stores_.end(), bytes.begin(), bytes.end());
}

std::string ModelCell::state() const {
  if (!running_) return "idle";
  return fmt::format("{}; bus: {}", timing_ ? timing_->state() : "starts", bus_.state());
}

}  // namespace mbm
