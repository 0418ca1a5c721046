// The Device interface over a Verilated accelerator and a model of its memory. Include it in one
// source per model: it needs the generated header.
#pragma once

#include <verilated.h>

#include <bit>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>

#include "cmodel/array/registers.hpp"
#include "cmodel/common/error.hpp"
#include "sim/axi_memory.hpp"
#include "sim/rtl_coverage.hpp"
#include "sim/simulated_device.hpp"

namespace mbm {

// Model is a class that Verilator generated from rtl/top/accelerator.sv, or a module with its
// ports.
template <typename Model, int kBusBytes>
class VerilatedDevice : public SimulatedDevice {
  static_assert(std::endian::native == std::endian::little, "ports are copied bytewise");

 public:
  explicit VerilatedDevice(const AxiMemoryOptions& options, RegisterPortOptions port = {})
      : model_(std::make_unique<Model>(&context_, "")),
        memory_(kBusBytes, options),
        port_(port),
        generator_(port.seed) {
    context_.fatalOnError(false);  // a failed assertion becomes an Error
    Model& m = *model_;
    m.s_axil_awvalid_i = m.s_axil_wvalid_i = m.s_axil_bready_i = 0;
    m.s_axil_arvalid_i = m.s_axil_rready_i = 0;
    m.rst_ni = 0;
    m.clk_i = 0;
    m.eval();
    m.clk_i = 1;
    m.eval();
    m.rst_ni = 1;
  }
  ~VerilatedDevice() override {
    Verilated::threadContextp(&context_);  // the model's destructor looks there for its context
    model_->final();
    record_coverage(context_);
  }

  int bus_bytes() const override { return kBusBytes; }
  AxiMemory& memory() override { return memory_; }
  std::uint64_t cycles() const override { return cycles_; }
  bool interrupt() const override { return model_->interrupt_o != 0; }
  void measure_times() override { is_timed_ = true; }
  const SimulationTimes& times() const override { return times_; }

  void tick(std::uint64_t count = 1) override {
    Verilated::threadContextp(&context_);
    for (; count > 0; --count) clock();
  }

  bool wait(std::uint64_t cycles) override {
    Verilated::threadContextp(&context_);
    for (; model_->interrupt_o == 0 && cycles > 0; --cycles) clock();
    return model_->interrupt_o != 0;
  }

  std::uint8_t try_write_register(std::uint32_t address, std::uint32_t value,
                                  std::uint8_t strobe = 0xf) override {
    Verilated::threadContextp(&context_);
    Model& m = *model_;
    bool address_sent = false;
    bool data_sent = false;
    for (int i = 0; i < kPatience; ++i) {
      // An offer once made stays.
      m.s_axil_awvalid_i = !address_sent && (m.s_axil_awvalid_i != 0 || !pauses());
      m.s_axil_awaddr_i = static_cast<std::uint16_t>(address);
      m.s_axil_wvalid_i = !data_sent && (m.s_axil_wvalid_i != 0 || !pauses());
      m.s_axil_wdata_i = value;
      m.s_axil_wstrb_i = strobe;
      m.s_axil_bready_i = !pauses();
      settle();
      const bool address_goes = m.s_axil_awvalid_i != 0 && m.s_axil_awready_o != 0;
      const bool data_goes = m.s_axil_wvalid_i != 0 && m.s_axil_wready_o != 0;
      const bool answered = m.s_axil_bvalid_o != 0 && m.s_axil_bready_i != 0;
      const std::uint8_t response = m.s_axil_bresp_o;
      if (answered && !(address_sent && data_sent)) {
        fail(ErrorKind::device, "register 0x{:03x}: a write is answered before it is complete",
             address);
      }
      clock();
      address_sent = address_sent || address_goes;
      data_sent = data_sent || data_goes;
      if (address_goes) m.s_axil_awvalid_i = 0;
      if (data_goes) m.s_axil_wvalid_i = 0;
      if (answered) {
        m.s_axil_bready_i = 0;
        return response;
      }
    }
    fail(ErrorKind::timeout, "register 0x{:03x}: a write is not answered in {} cycles", address,
         kPatience);
  }

  RegisterAnswer try_read_register(std::uint32_t address) override {
    Verilated::threadContextp(&context_);
    Model& m = *model_;
    bool sent = false;
    for (int i = 0; i < kPatience; ++i) {
      m.s_axil_arvalid_i = !sent && (m.s_axil_arvalid_i != 0 || !pauses());
      m.s_axil_araddr_i = static_cast<std::uint16_t>(address);
      m.s_axil_rready_i = !pauses();
      settle();
      const bool goes = m.s_axil_arvalid_i != 0 && m.s_axil_arready_o != 0;
      const bool answered = m.s_axil_rvalid_o != 0 && m.s_axil_rready_i != 0;
      const RegisterAnswer answer{m.s_axil_rdata_o, m.s_axil_rresp_o};
      clock();
      sent = sent || goes;
      if (goes) m.s_axil_arvalid_i = 0;
      if (answered) {
        m.s_axil_rready_i = 0;
        return answer;
      }
    }
    fail(ErrorKind::timeout, "register 0x{:03x}: a read is not answered in {} cycles", address,
         kPatience);
  }

 protected:
  Model& model() { return *model_; }
  VerilatedContext& context() { return context_; }

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
    Model& m = *model_;
    const AxiSlave& slave = memory_.slave();
    m.m_axi_arready_i = slave.arready;
    m.m_axi_rvalid_i = slave.rvalid;
    if (slave.rvalid) {
      std::memcpy(&m.m_axi_rdata_i, slave.rdata.data(), kBusBytes);
      m.m_axi_rresp_i = slave.rresp;
      m.m_axi_rlast_i = slave.rlast;
    }
    m.m_axi_awready_i = slave.awready;
    m.m_axi_wready_i = slave.wready;
    m.m_axi_bvalid_i = slave.bvalid;
    m.m_axi_bresp_i = slave.bresp;
    m.clk_i = 0;
    m.eval();
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
    Model& m = *model_;
    master_.arvalid = m.m_axi_arvalid_o != 0;
    master_.araddr = m.m_axi_araddr_o;
    master_.arlen = m.m_axi_arlen_o;
    master_.arsize = m.m_axi_arsize_o;
    master_.arburst = m.m_axi_arburst_o;
    master_.rready = m.m_axi_rready_o != 0;
    master_.awvalid = m.m_axi_awvalid_o != 0;
    master_.awaddr = m.m_axi_awaddr_o;
    master_.awlen = m.m_axi_awlen_o;
    master_.awsize = m.m_axi_awsize_o;
    master_.awburst = m.m_axi_awburst_o;
    master_.wvalid = m.m_axi_wvalid_o != 0;
    if (master_.wvalid) {
      std::memcpy(master_.wdata.data(), &m.m_axi_wdata_o, kBusBytes);
      master_.wstrb = m.m_axi_wstrb_o;
      master_.wlast = m.m_axi_wlast_o != 0;
    }
    master_.bready = m.m_axi_bready_o != 0;
    m.clk_i = 1;
    m.eval();
    if (samples_) sample(true);
    if (context_.gotError()) fail(ErrorKind::device, "an assertion of the Verilog failed");
  }

  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  AxiMemory memory_;
  AxiMaster master_;
  RegisterPortOptions port_;
  std::mt19937 generator_;
  std::uint64_t cycles_ = 0;
  bool is_timed_ = false;
  SimulationTimes times_;
};

}  // namespace mbm
