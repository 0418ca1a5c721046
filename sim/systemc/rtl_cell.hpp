// An array in Verilog: the Verilated accelerator on SystemC signals, and between them and the
// platform a transactor for each port.
#pragma once

#include <memory>

#include "sim/accelerator_pins.hpp"
#include "sim/systemc/axi_pins.hpp"
#include "sim/systemc/bus_transactor.hpp"
#include "sim/systemc/cell.hpp"
#include "sim/systemc/failure.hpp"

namespace mbm {

// The accelerator itself. Its outputs change in the middle of a cycle: so they are settled,
// whatever they depend on, when the cycle ends.
class RtlAccelerator : public sc_core::sc_module {
 public:
  RtlAccelerator(const sc_core::sc_module_name& name, std::unique_ptr<AcceleratorPins> verilog,
                 AxiPins& bus, RegisterPins& registers, Failure& failure);

  sc_core::sc_in<bool> clock;
  sc_core::sc_out<bool> interrupt;

  int bus_bytes() const { return verilog_->bus_bytes(); }

 private:
  void rise();
  void fall();

  std::unique_ptr<AcceleratorPins> verilog_;
  AxiPins& bus_;
  RegisterPins& registers_;
  Failure& failure_;
};

// From the signals of the memory port to TLM bursts.
class PinBus : public sc_core::sc_module {
 public:
  PinBus(const sc_core::sc_module_name& name, AxiPins& pins, std::int64_t bus_bytes,
         Failure& failure);

  sc_core::sc_in<bool> clock;
  BusTransactor transactor;

 private:
  void rise();

  AxiPins& pins_;
  Failure& failure_;
};

class RtlCell final : public Cell {
 public:
  RtlCell(const sc_core::sc_module_name& name, std::unique_ptr<AcceleratorPins> verilog,
          Failure& failure);

  bool interrupt() const override { return interrupt_.read(); }
  const sc_core::sc_event& interrupt_event() const override { return interrupt_.posedge_event(); }
  tlm::tlm_initiator_socket<>& bus() override { return pin_bus_.transactor.socket; }
  std::uint64_t progress() const override { return pin_bus_.transactor.transfers(); }
  std::uint64_t queued_requests() const override { return pin_bus_.transactor.queued_requests(); }
  std::string state() const override;

 private:
  // From TLM to the signals of the register port; in the thread of the caller.
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  void write(tlm::tlm_generic_payload& payload);
  void read(tlm::tlm_generic_payload& payload);

  sc_core::sc_clock clock_;
  AxiPins bus_pins_;
  RegisterPins register_pins_;
  sc_core::sc_signal<bool> interrupt_;
  RtlAccelerator accelerator_;
  PinBus pin_bus_;
};

}  // namespace mbm
