#include "sim/systemc/host_processor.hpp"

#include "cmodel/common/error.hpp"
#include "sim/systemc/burst.hpp"

namespace mbm {

HostProcessor::HostProcessor(const sc_core::sc_module_name& name, Cell& cell, Failure& failure)
    : sc_module(name), registers("registers"), memory("memory"), cell_(cell), failure_(failure) {
  SC_HAS_PROCESS(HostProcessor);
  SC_THREAD(run);
  constexpr std::size_t kStack = std::size_t{1} << 21;  // the functional model runs on it
  set_stack_size(kStack);
}

void HostProcessor::run() {
  failure_.guard([this] { work_(*this); });
  done_ = true;
  sc_core::sc_pause();
}

void HostProcessor::end() {
  is_ending_ = true;
  end_event_.notify(sc_core::SC_ZERO_TIME);
}

void HostProcessor::leave_if_ending() const {
  if (is_ending_) fail(ErrorKind::internal, "{}: the platform has ended", cell_.name());
}

std::uint32_t HostProcessor::transfer(bool write, std::uint32_t address, std::uint32_t value) {
  tlm::tlm_generic_payload payload;
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(sizeof value);
  payload.set_streaming_width(sizeof value);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  registers->b_transport(payload, delay);
  leave_if_ending();
  ++accesses_;
  if (!payload.is_response_ok()) {
    fail(ErrorKind::device, "{}: {} register 0x{:03x} is refused", cell_.name(),
         write ? "writing" : "reading", address);
  }
  return value;
}

void HostProcessor::write_register(std::uint32_t address, std::uint32_t value) {
  transfer(true, address, value);
}

std::uint32_t HostProcessor::read_register(std::uint32_t address) {
  return transfer(false, address, 0);
}

void HostProcessor::debug(bool write, std::uint64_t address, std::uint8_t* bytes,
                          std::size_t count) {
  tlm::tlm_generic_payload payload;
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(bytes);
  payload.set_data_length(static_cast<unsigned>(count));
  if (count > 0 && memory->transport_dbg(payload) != count) {
    fail(ErrorKind::device, "{}: {} bytes at {:#x} are not within the memory of the array",
         cell_.name(), count, address);
  }
}

void HostProcessor::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  debug(true, address, copy.data(), copy.size());
}

void HostProcessor::read(std::uint64_t address, std::span<std::uint8_t> bytes) {
  debug(false, address, bytes.data(), bytes.size());
}

bool HostProcessor::wait(std::uint64_t cycles) {
  if (!cell_.interrupt()) {
    sc_core::wait(at_cycle(static_cast<Cycle>(cycles)), cell_.interrupt_event() | end_event_);
    leave_if_ending();
  }
  return cell_.interrupt();
}

}  // namespace mbm
