// Loads, slews and delays of a mapped netlist, from the tables of its library.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cmodel/energy/gate_netlist.hpp"

namespace mbm {

// What surrounds a netlist.
struct GateEnvironment {
  double input_slew_ns = 0.1;  // of every input, the clock among them
  double output_load_ff = 10;  // on every output
  bool wire_load = true;       // with the library's default wire load, if it has one
};

// Of a rising and a falling edge.
struct Edges {
  double rise = 0;
  double fall = 0;
};

struct GateTiming {
  std::vector<double> load_ff;  // of a net: pins, wires, output loads
  std::vector<Edges> slew_ns;   // of a net: the slowest that an arc gives
  // Delay from input pin p to output pin q of an instance, the mean over the arcs between them.
  std::vector<std::map<std::pair<int, int>, Edges>> delay_ns;
  double longest_path_ns = 0;  // from inputs and flip-flops, setup not included

  double mean_slew(std::int32_t net) const {
    const Edges& slew = slew_ns[static_cast<std::size_t>(net)];
    return (slew.rise + slew.fall) / 2;
  }
};

// `order` as netlist.evaluation_order() gives it.
GateTiming gate_timing(const GateNetlist& netlist, const std::vector<std::int32_t>& order,
                       const CellLibrary& library, const GateEnvironment& environment);

}  // namespace mbm
