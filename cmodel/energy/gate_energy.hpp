// Energy of the transitions in a mapped netlist.
//
// A transition of a net costs C V^2 / 2 (C: pins and wires on it), and internal energy of the cells
// on both of its ends, from their tables at the slews and loads of the netlist. So a rise and a
// fall together take C V^2 from the supply, and each half is booked where its edge is.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/energy/gate_timing.hpp"

namespace mbm {

// fJ.
struct EnergyBreakdown {
  double switching = 0;      // nets, the clock's not among them
  double combinational = 0;  // internal energy of gates
  double sequential = 0;     // of flip-flops, at data inputs and outputs
  double clock = 0;          // clock pins of flip-flops, the clock's net
  double leakage = 0;

  double dynamic() const { return switching + combinational + sequential + clock; }
  double total() const { return dynamic() + leakage; }

  EnergyBreakdown& operator+=(const EnergyBreakdown& other);
  EnergyBreakdown operator+(const EnergyBreakdown& other) const;
  EnergyBreakdown operator-(const EnergyBreakdown& other) const;
  EnergyBreakdown operator*(double factor) const;
};

class GateEnergy {
 public:
  // Loads of the environment on outputs count for slews and tables, but not as switched charge:
  // what hangs there counts its own inputs.
  GateEnergy(const GateNetlist& netlist, const CellLibrary& library, const GateTiming& timing,
             const GateEnvironment& environment);

  // Charge of one edge of a net, fJ.
  double net_fj(std::int32_t net) const { return net_fj_[static_cast<std::size_t>(net)]; }

  // Internal energy of an edge at an input pin, or at an output pin of which `causes` are the
  // inputs that have changed: the mean over the arcs of these that hold for `pins`, else over all
  // of its arcs.
  double input_fj(std::int32_t instance, int pin, bool rises, PinValues pins) const;
  double output_fj(std::int32_t instance, int pin, bool rises, PinValues pins,
                   PinValues causes) const;

  // nW.
  double leakage_nw(std::int32_t instance, PinValues pins) const;

 private:
  struct Arc {
    const BooleanExpression* when;
    int related;
    double rise;
    double fall;
  };

  const GateNetlist& netlist_;
  std::vector<double> net_fj_;
  std::vector<std::vector<std::vector<Arc>>> arcs_;  // [instance][pin]
};

}  // namespace mbm
