#include "sim/systemc/axi_pins.hpp"

namespace mbm {

void AxiPins::drive(const AxiMaster& master) {
  arvalid = master.arvalid;
  araddr = master.araddr;
  arlen = master.arlen;
  arsize = master.arsize;
  arburst = master.arburst;
  rready = master.rready;
  awvalid = master.awvalid;
  awaddr = master.awaddr;
  awlen = master.awlen;
  awsize = master.awsize;
  awburst = master.awburst;
  wvalid = master.wvalid;
  wlast = master.wlast;
  wdata = BusWord{master.wdata};
  wstrb = master.wstrb;
  bready = master.bready;
}

void AxiPins::drive(const AxiSlave& slave) {
  arready = slave.arready;
  rvalid = slave.rvalid;
  rlast = slave.rlast;
  rdata = BusWord{slave.rdata};
  rresp = slave.rresp;
  awready = slave.awready;
  wready = slave.wready;
  bvalid = slave.bvalid;
  bresp = slave.bresp;
}

AxiMaster AxiPins::master() const {
  return {.arvalid = arvalid,
          .araddr = araddr,
          .arlen = arlen,
          .arsize = arsize,
          .arburst = arburst,
          .rready = rready,
          .awvalid = awvalid,
          .awaddr = awaddr,
          .awlen = awlen,
          .awsize = awsize,
          .awburst = awburst,
          .wvalid = wvalid,
          .wdata = wdata.read().bytes,
          .wstrb = wstrb,
          .wlast = wlast,
          .bready = bready};
}

AxiSlave AxiPins::slave() const {
  return {.arready = arready,
          .rvalid = rvalid,
          .rdata = rdata.read().bytes,
          .rresp = rresp,
          .rlast = rlast,
          .awready = awready,
          .wready = wready,
          .bvalid = bvalid,
          .bresp = bresp};
}

}  // namespace mbm
