// An array as a model: when things happen says the cycle model, what is computed the functional
// model.
//
// At the start of a run the functional model does all its commands on a copy of the array's memory.
// The cycle model then does them in time: what it reads over the bus is compared with what the
// functional model was given, what it writes are the functional model's bytes. So data move when
// and where the hardware moves them, and a wrong byte anywhere is found. A program that the
// accelerator refuses ends at once, with the error; its cycles are not those of the hardware.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/cycle_model.hpp"
#include "sim/systemc/bus_transactor.hpp"
#include "sim/systemc/cell.hpp"
#include "sim/systemc/failure.hpp"
#include "sim/systemc/platform_options.hpp"
#include "sim/systemc/read_check.hpp"

namespace mbm {

class ModelCell final : public Cell, private MemoryTrace {
 public:
  // The array sees `window` bytes of memory.
  ModelCell(const sc_core::sc_module_name& name, const PlatformOptions& options,
            const ProductTable& table, std::int64_t window, Failure& failure);

  bool interrupt() const override { return (interrupt_status_ & interrupt_enable_) != 0; }
  const sc_core::sc_event& interrupt_event() const override { return interrupt_event_; }
  tlm::tlm_initiator_socket<>& bus() override { return bus_.socket; }
  std::uint64_t progress() const override { return progress_ + bus_.transfers(); }
  std::uint64_t queued_requests() const override { return bus_.queued_requests(); }
  std::string state() const override;
  CycleReport report() const override { return report_; }

 private:
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  bool write_register(std::uint32_t address, std::uint32_t value);
  std::uint32_t read_register(std::uint32_t address);
  void start();
  void run();
  void step();
  void finish();
  void raise();
  std::vector<std::uint8_t> memory(std::int64_t address, std::size_t count);
  AcceleratorProgram program();
  bool compute();
  AxiMaster master();
  void take(const AxiSlave& slave);

  void loaded(Unit unit, std::int64_t command, std::span<const std::uint8_t> bytes) override;
  void stored(std::int64_t command, std::span<const std::uint8_t> bytes) override;

  PlatformOptions options_;
  std::int64_t window_;
  Failure& failure_;
  AcceleratorModel model_;
  BusTransactor bus_;
  std::unique_ptr<AcceleratorTiming> timing_;
  bool running_ = false;
  Cycle first_ = 0;  // cycle of the platform in which the run's first ends
  CycleReport report_;
  CounterValues snapshot_{};
  std::uint32_t status_ = 0;
  std::uint32_t error_command_ = 0;
  std::uint32_t error_detail_ = 0;
  std::uint32_t interrupt_status_ = 0;
  std::uint32_t interrupt_enable_ = 0;
  std::int64_t command_base_ = 0;
  std::int64_t command_count_ = 0;
  std::array<ReadCheck, 3> reads_;   // by client
  std::deque<std::uint8_t> stores_;  // bytes to be written, in the order of the beats
  std::uint64_t progress_ = 0;
  sc_core::sc_event start_event_;
  sc_core::sc_event raise_event_;
  sc_core::sc_event interrupt_event_;
};

}  // namespace mbm
