// What stands in the platform for an array, whatever is inside: registers, an interrupt, a port to
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>

#include "cmodel/array/cycle_model.hpp"
#include "tlm_utils/simple_target_socket.h"

namespace mbm {

class Cell : public sc_core::sc_module {
 public:
  explicit Cell(const sc_core::sc_module_name& name) : sc_module(name), registers("registers") {
    registers.register_b_transport(this, &Cell::access);
  }

  // Accesses of four bytes, from a thread of SystemC; a refusal is TLM_GENERIC_ERROR_RESPONSE.
  tlm_utils::simple_target_socket<Cell> registers;

  virtual bool interrupt() const = 0;
  virtual const sc_core::sc_event& interrupt_event() const = 0;
  virtual tlm::tlm_initiator_socket<>& bus() = 0;

  // Grows as long as anything goes on.
  virtual std::uint64_t progress() const = 0;
  virtual std::uint64_t queued_requests() const = 0;  // BusTransactor::queued_requests()
  virtual std::string state() const = 0;
  // Of the last run; empty if the cell cannot attribute cycles to commands.
  virtual CycleReport report() const { return {}; }

 protected:
  virtual void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) = 0;
};

}  // namespace mbm
