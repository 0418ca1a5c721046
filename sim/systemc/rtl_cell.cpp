#include "sim/systemc/rtl_cell.hpp"

#include <fmt/format.h>

#include <cstring>

#include "cmodel/common/error.hpp"

namespace mbm {

RtlAccelerator::RtlAccelerator(const sc_core::sc_module_name& name,
                               std::unique_ptr<AcceleratorPins> verilog, AxiPins& bus,
                               RegisterPins& registers, Failure& failure)
    : sc_module(name),
      clock("clock"),
      interrupt("interrupt"),
      verilog_(std::move(verilog)),
      bus_(bus),
      registers_(registers),
      failure_(failure) {
  verilog_->set_reset(true);
  verilog_->evaluate(false);
  verilog_->evaluate(true);
  verilog_->set_reset(false);
  SC_HAS_PROCESS(RtlAccelerator);
  SC_METHOD(rise);
  sensitive << clock.pos();
  dont_initialize();
  SC_METHOD(fall);
  sensitive << clock.neg();
  dont_initialize();
}

void RtlAccelerator::rise() {
  failure_.guard([this] { verilog_->evaluate(true); });
}

void RtlAccelerator::fall() {
  failure_.guard([this] {
    verilog_->set_bus(bus_.slave());
    verilog_->set_registers({.awvalid = registers_.awvalid,
                             .awaddr = registers_.awaddr,
                             .wvalid = registers_.wvalid,
                             .wdata = registers_.wdata,
                             .bready = registers_.bready,
                             .arvalid = registers_.arvalid,
                             .araddr = registers_.araddr,
                             .rready = registers_.rready});
    verilog_->evaluate(false);
    bus_.drive(verilog_->bus());
    const RegisterSlave slave = verilog_->registers();
    registers_.awready = slave.awready;
    registers_.wready = slave.wready;
    registers_.bvalid = slave.bvalid;
    registers_.bresp = slave.bresp;
    registers_.arready = slave.arready;
    registers_.rvalid = slave.rvalid;
    registers_.rdata = slave.rdata;
    registers_.rresp = slave.rresp;
    interrupt = verilog_->interrupt();
  });
}

PinBus::PinBus(const sc_core::sc_module_name& name, AxiPins& pins, std::int64_t bus_bytes,
               Failure& failure)
    : sc_module(name),
      clock("clock"),
      transactor("transactor", bus_bytes),
      pins_(pins),
      failure_(failure) {
  SC_HAS_PROCESS(PinBus);
  SC_METHOD(rise);
  sensitive << clock.pos();
  dont_initialize();
}

void PinBus::rise() {
  failure_.guard([this] {
    transactor.clock(pins_.master());
    pins_.drive(transactor.slave(present_cycle() + 1));
  });
}

RtlCell::RtlCell(const sc_core::sc_module_name& name, std::unique_ptr<AcceleratorPins> verilog,
                 Failure& failure)
    : Cell(name),
      clock_("clock", cycle_time()),
      interrupt_("interrupt"),
      accelerator_("accelerator", std::move(verilog), bus_pins_, register_pins_, failure),
      pin_bus_("bus", bus_pins_, accelerator_.bus_bytes(), failure) {
  accelerator_.clock(clock_);
  accelerator_.interrupt(interrupt_);
  pin_bus_.clock(clock_);
}

void RtlCell::access(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  if (sc_core::sc_time_stamp() != at_cycle(present_cycle())) {  // woken by the interrupt
    sc_core::wait(clock_.posedge_event());
  }
  if (payload.is_write()) {
    write(payload);
  } else {
    read(payload);
  }
}

// Signals are set at the end of a cycle and looked at at the end of the next ones.
void RtlCell::write(tlm::tlm_generic_payload& payload) {
  RegisterPins& pins = register_pins_;
  std::uint32_t value = 0;
  std::memcpy(&value, payload.get_data_ptr(), sizeof value);
  pins.awaddr = static_cast<std::uint32_t>(payload.get_address());
  pins.wdata = value;
  pins.awvalid = true;
  pins.wvalid = true;
  pins.bready = true;
  while (true) {
    sc_core::wait(clock_.posedge_event());
    if (pins.awvalid && pins.awready) pins.awvalid = false;
    if (pins.wvalid && pins.wready) pins.wvalid = false;
    if (!pins.bvalid) continue;
    pins.bready = false;
    payload.set_response_status(pins.bresp == 0 ? tlm::TLM_OK_RESPONSE
                                                : tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
}

void RtlCell::read(tlm::tlm_generic_payload& payload) {
  RegisterPins& pins = register_pins_;
  pins.araddr = static_cast<std::uint32_t>(payload.get_address());
  pins.arvalid = true;
  pins.rready = true;
  while (true) {
    sc_core::wait(clock_.posedge_event());
    if (pins.arvalid && pins.arready) pins.arvalid = false;
    if (!pins.rvalid) continue;
    pins.rready = false;
    const std::uint32_t value = pins.rdata;
    std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    payload.set_response_status(pins.rresp == 0 ? tlm::TLM_OK_RESPONSE
                                                : tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
}

std::string RtlCell::state() const {
  return fmt::format("in Verilog; bus: {}", pin_bus_.transactor.state());
}

}  // namespace mbm
