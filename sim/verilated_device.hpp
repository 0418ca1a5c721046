// The Device interface over a Verilated accelerator and a model of its memory. Include it in one
// source per model: it needs the generated header.
#pragma once

#include <chrono>
#include <random>

#include "cmodel/array/registers.hpp"
#include "cmodel/common/error.hpp"
#include "sim/axi_memory.hpp"
#include "sim/simulated_device.hpp"
#include "sim/verilated_pins.hpp"

namespace mbm {

// Model is a class that Verilator generated from rtl/top/accelerator.sv, or a module with its
// ports.
template <typename Model, int kBusBytes>
class VerilatedDevice : public SimulatedDevice {
 public:
  explicit VerilatedDevice(const AxiMemoryOptions& options, RegisterPortOptions port = {})
      : memory_(kBusBytes, options), port_(port), generator_(port.seed) {
    pins_.set_registers(registers_);
    pins_.set_reset(true);
    pins_.evaluate(false);
    pins_.evaluate(true);
    pins_.set_reset(false);
  }

  int bus_bytes() const override { return kBusBytes; }
  AxiMemory& memory() override { return memory_; }
  std::uint64_t cycles() const override { return cycles_; }
  bool interrupt() const override { return pins_.interrupt(); }
  void measure_times() override { is_timed_ = true; }
  const SimulationTimes& times() const override { return times_; }

  void tick(std::uint64_t count = 1) override {
    for (; count > 0; --count) clock();
  }

  bool wait(std::uint64_t cycles) override {
    for (; !pins_.interrupt() && cycles > 0; --cycles) clock();
    return pins_.interrupt();
  }

  std::uint8_t try_write_register(std::uint32_t address, std::uint32_t value,
                                  std::uint8_t strobe = 0xf) override {
    RegisterMaster& m = registers_;
    bool address_sent = false;
    bool data_sent = false;
    for (int i = 0; i < kPatience; ++i) {
      // An offer once made stays.
      m.awvalid = !address_sent && (m.awvalid || !pauses());
      m.awaddr = address;
      m.wvalid = !data_sent && (m.wvalid || !pauses());
      m.wdata = value;
      m.wstrb = strobe;
      m.bready = !pauses();
      settle();
      const RegisterSlave slave = pins_.registers();
      const bool address_goes = m.awvalid && slave.awready;
      const bool data_goes = m.wvalid && slave.wready;
      const bool answered = slave.bvalid && m.bready;
      if (answered && !(address_sent && data_sent)) {
        fail(ErrorKind::device, "register 0x{:03x}: a write is answered before it is complete",
             address);
      }
      clock();
      address_sent = address_sent || address_goes;
      data_sent = data_sent || data_goes;
      if (address_goes) m.awvalid = false;
      if (data_goes) m.wvalid = false;
      if (answered) {
        m.bready = false;
        return slave.bresp;
      }
    }
    fail(ErrorKind::timeout, "register 0x{:03x}: a write is not answered in {} cycles", address,
         kPatience);
  }

  RegisterAnswer try_read_register(std::uint32_t address) override {
    RegisterMaster& m = registers_;
    bool sent = false;
    for (int i = 0; i < kPatience; ++i) {
      m.arvalid = !sent && (m.arvalid || !pauses());
      m.araddr = address;
      m.rready = !pauses();
      settle();
      const RegisterSlave slave = pins_.registers();
      const bool goes = m.arvalid && slave.arready;
      const bool answered = slave.rvalid && m.rready;
      clock();
      sent = sent || goes;
      if (goes) m.arvalid = false;
      if (answered) {
        m.rready = false;
        return {slave.rdata, slave.rresp};
      }
    }
    fail(ErrorKind::timeout, "register 0x{:03x}: a read is not answered in {} cycles", address,
         kPatience);
  }

 protected:
  Model& model() { return pins_.model(); }
  VerilatedContext& context() { return pins_.context(); }

  // Called in every cycle once `samples_` is set, before its clock edge and after it.
  virtual void sample(bool /*after_edge*/) {}
  bool samples_ = false;

 private:
  static constexpr int kPatience = 10000;
  using Clock = std::chrono::steady_clock;

  bool pauses() {
    return port_.pause > 0 && std::generate_canonical<double, 32>(generator_) < port_.pause;
  }

  // Applies the memory's side of the present cycle.
  void settle() {
    pins_.set_registers(registers_);
    pins_.set_bus(memory_.slave());
    pins_.evaluate(false);
  }

  void clock() {
    if (!is_timed_) {
      evaluate();
      memory_.clock(master_);
    } else {
      const Clock::time_point start = Clock::now();
      evaluate();
      const Clock::time_point middle = Clock::now();
      memory_.clock(master_);
      times_.evaluation += std::chrono::duration<double>(middle - start).count();
      times_.memory += std::chrono::duration<double>(Clock::now() - middle).count();
    }
    ++cycles_;
  }

  void evaluate() {
    settle();
    if (samples_) sample(false);
    master_ = pins_.bus();
    pins_.evaluate(true);
    if (samples_) sample(true);
  }

  VerilatedPins<Model, kBusBytes> pins_;
  RegisterMaster registers_;
  AxiMemory memory_;
  AxiMaster master_;
  RegisterPortOptions port_;
  std::mt19937 generator_;
  std::uint64_t cycles_ = 0;
  bool is_timed_ = false;
  SimulationTimes times_;
};

}  // namespace mbm
