// The signals of an accelerator in Verilog, half a clock at a time.
#pragma once

#include <cstdint>

#include "sim/axi_memory.hpp"

namespace mbm {

// AXI4-Lite, the side of the master and that of the accelerator.
struct RegisterMaster {
  bool awvalid = false;
  std::uint32_t awaddr = 0;
  bool wvalid = false;
  std::uint32_t wdata = 0;
  std::uint8_t wstrb = 0xf;
  bool bready = false;
  bool arvalid = false;
  std::uint32_t araddr = 0;
  bool rready = false;
};

struct RegisterSlave {
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  std::uint8_t bresp = 0;
  bool arready = false;
  bool rvalid = false;
  std::uint32_t rdata = 0;
  std::uint8_t rresp = 0;
};

class AcceleratorPins {
 public:
  virtual ~AcceleratorPins() = default;

  virtual int bus_bytes() const = 0;
  virtual void set_reset(bool active) = 0;
  virtual void set_bus(const AxiSlave& slave) = 0;
  virtual void set_registers(const RegisterMaster& master) = 0;
  // Throws Error(device) if an assertion of the Verilog fails.
  virtual void evaluate(bool clock) = 0;
  virtual AxiMaster bus() const = 0;
  virtual RegisterSlave registers() const = 0;
  virtual bool interrupt() const = 0;
};

}  // namespace mbm
