// The signals of an AXI4 and of an AXI4-Lite port as SystemC signals.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <systemc>

#include "sim/axi_memory.hpp"

namespace mbm {

// A word of the data bus.
struct BusWord {
  std::array<std::uint8_t, kLargestBusBytes> bytes{};
  bool operator==(const BusWord&) const = default;
};

inline std::ostream& operator<<(std::ostream& stream, const BusWord& word) {
  for (const std::uint8_t byte : word.bytes) stream << static_cast<int>(byte) << ' ';
  return stream;
}

inline void sc_trace(sc_core::sc_trace_file* file, const BusWord& word, const std::string& name) {
  for (std::size_t i = 0; i < word.bytes.size(); ++i) {
    sc_core::sc_trace(file, word.bytes.at(i), name + "." + std::to_string(i));
  }
}

struct AxiPins {
  sc_core::sc_signal<bool> arvalid{"arvalid"}, arready{"arready"};
  sc_core::sc_signal<std::uint32_t> araddr{"araddr"};
  sc_core::sc_signal<std::uint8_t> arlen{"arlen"}, arsize{"arsize"}, arburst{"arburst"};
  sc_core::sc_signal<bool> rvalid{"rvalid"}, rready{"rready"}, rlast{"rlast"};
  sc_core::sc_signal<BusWord> rdata{"rdata"};
  sc_core::sc_signal<std::uint8_t> rresp{"rresp"};
  sc_core::sc_signal<bool> awvalid{"awvalid"}, awready{"awready"};
  sc_core::sc_signal<std::uint32_t> awaddr{"awaddr"};
  sc_core::sc_signal<std::uint8_t> awlen{"awlen"}, awsize{"awsize"}, awburst{"awburst"};
  sc_core::sc_signal<bool> wvalid{"wvalid"}, wready{"wready"}, wlast{"wlast"};
  sc_core::sc_signal<BusWord> wdata{"wdata"};
  sc_core::sc_signal<std::uint32_t> wstrb{"wstrb"};
  sc_core::sc_signal<bool> bvalid{"bvalid"}, bready{"bready"};
  sc_core::sc_signal<std::uint8_t> bresp{"bresp"};

  void drive(const AxiMaster& master);
  void drive(const AxiSlave& slave);
  AxiMaster master() const;
  AxiSlave slave() const;
};

struct RegisterPins {
  sc_core::sc_signal<bool> awvalid{"reg_awvalid"}, awready{"reg_awready"};
  sc_core::sc_signal<std::uint32_t> awaddr{"reg_awaddr"};
  sc_core::sc_signal<bool> wvalid{"reg_wvalid"}, wready{"reg_wready"};
  sc_core::sc_signal<std::uint32_t> wdata{"reg_wdata"};
  sc_core::sc_signal<bool> bvalid{"reg_bvalid"}, bready{"reg_bready"};
  sc_core::sc_signal<std::uint8_t> bresp{"reg_bresp"};
  sc_core::sc_signal<bool> arvalid{"reg_arvalid"}, arready{"reg_arready"};
  sc_core::sc_signal<std::uint32_t> araddr{"reg_araddr"};
  sc_core::sc_signal<bool> rvalid{"reg_rvalid"}, rready{"reg_rready"};
  sc_core::sc_signal<std::uint32_t> rdata{"reg_rdata"};
  sc_core::sc_signal<std::uint8_t> rresp{"reg_rresp"};
};

}  // namespace mbm
