// The signals of a Verilated accelerator. Include it in one source per model: it needs the
// generated header.
#pragma once

#include <verilated.h>

#include <bit>
#include <cstring>
#include <memory>

#include "cmodel/common/error.hpp"
#include "sim/accelerator_pins.hpp"
#include "sim/rtl_coverage.hpp"

namespace mbm {

// Model is a class that Verilator generated from rtl/top/accelerator.sv, or a module with its
// ports.
template <typename Model, int kBusBytes>
class VerilatedPins final : public AcceleratorPins {
  static_assert(std::endian::native == std::endian::little, "ports are copied bytewise");

 public:
  VerilatedPins() : model_(std::make_unique<Model>(&context_, "")) {
    context_.fatalOnError(false);  // a failed assertion becomes an Error
  }
  ~VerilatedPins() override {
    Verilated::threadContextp(&context_);  // the model's destructor looks there for its context
    model_->final();
    record_coverage(context_);
  }

  int bus_bytes() const override { return kBusBytes; }
  void set_reset(bool active) override { model_->rst_ni = active ? 0 : 1; }

  void set_bus(const AxiSlave& slave) override {
    Model& m = *model_;
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
  }

  void set_registers(const RegisterMaster& master) override {
    Model& m = *model_;
    m.s_axil_awvalid_i = master.awvalid;
    m.s_axil_awaddr_i = static_cast<std::uint16_t>(master.awaddr);
    m.s_axil_wvalid_i = master.wvalid;
    m.s_axil_wdata_i = master.wdata;
    m.s_axil_wstrb_i = master.wstrb;
    m.s_axil_bready_i = master.bready;
    m.s_axil_arvalid_i = master.arvalid;
    m.s_axil_araddr_i = static_cast<std::uint16_t>(master.araddr);
    m.s_axil_rready_i = master.rready;
  }

  void evaluate(bool clock) override {
    Verilated::threadContextp(&context_);
    model_->clk_i = clock ? 1 : 0;
    model_->eval();
    if (context_.gotError()) fail(ErrorKind::device, "an assertion of the Verilog failed");
  }

  AxiMaster bus() const override {
    const Model& m = *model_;
    AxiMaster master;
    master.arvalid = m.m_axi_arvalid_o != 0;
    master.araddr = m.m_axi_araddr_o;
    master.arlen = m.m_axi_arlen_o;
    master.arsize = m.m_axi_arsize_o;
    master.arburst = m.m_axi_arburst_o;
    master.rready = m.m_axi_rready_o != 0;
    master.awvalid = m.m_axi_awvalid_o != 0;
    master.awaddr = m.m_axi_awaddr_o;
    master.awlen = m.m_axi_awlen_o;
    master.awsize = m.m_axi_awsize_o;
    master.awburst = m.m_axi_awburst_o;
    master.wvalid = m.m_axi_wvalid_o != 0;
    if (master.wvalid) {
      std::memcpy(master.wdata.data(), &m.m_axi_wdata_o, kBusBytes);
      master.wstrb = m.m_axi_wstrb_o;
      master.wlast = m.m_axi_wlast_o != 0;
    }
    master.bready = m.m_axi_bready_o != 0;
    return master;
  }

  RegisterSlave registers() const override {
    const Model& m = *model_;
    return {.awready = m.s_axil_awready_o != 0,
            .wready = m.s_axil_wready_o != 0,
            .bvalid = m.s_axil_bvalid_o != 0,
            .bresp = m.s_axil_bresp_o,
            .arready = m.s_axil_arready_o != 0,
            .rvalid = m.s_axil_rvalid_o != 0,
            .rdata = m.s_axil_rdata_o,
            .rresp = m.s_axil_rresp_o};
  }

  bool interrupt() const override { return model_->interrupt_o != 0; }

  Model& model() { return *model_; }
  VerilatedContext& context() { return context_; }

 private:
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
};

}  // namespace mbm
