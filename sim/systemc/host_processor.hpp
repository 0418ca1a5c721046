// Software in the platform: a thread of SystemC for each array, which runs the driver on a Device
// whose accesses to registers are transactions. Programs and tensors go to and from memory by the
// debug transport, in no time.
#pragma once

#include <functional>
#include <string>
#include <systemc>

#include "cmodel/array/device.hpp"
#include "sim/systemc/cell.hpp"
#include "sim/systemc/failure.hpp"
#include "tlm_utils/simple_initiator_socket.h"

namespace mbm {

class HostProcessor : public sc_core::sc_module, private Device {
 public:
  HostProcessor(const sc_core::sc_module_name& name, Cell& cell, Failure& failure);

  tlm_utils::simple_initiator_socket<HostProcessor> registers;
  tlm_utils::simple_initiator_socket<HostProcessor> memory;

  // What the thread does once time begins.
  void set_work(std::function<void(Device&)> work) { work_ = std::move(work); }
  bool done() const { return done_; }
  // The software is left by an exception as soon as it accesses or waits for anything: what it
  // holds is given back. Time must go on for it.
  void end();
  std::uint64_t accesses() const { return accesses_; }

 private:
  void run();
  void leave_if_ending() const;
  void write_register(std::uint32_t address, std::uint32_t value) override;
  std::uint32_t read_register(std::uint32_t address) override;
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override;
  bool wait(std::uint64_t cycles) override;
  std::uint32_t transfer(bool write, std::uint32_t address, std::uint32_t value);
  void debug(bool write, std::uint64_t address, std::uint8_t* bytes, std::size_t count);

  Cell& cell_;
  Failure& failure_;
  std::function<void(Device&)> work_;
  sc_core::sc_event end_event_;
  bool is_ending_ = false;
  bool done_ = false;
  std::uint64_t accesses_ = 0;
};

}  // namespace mbm
