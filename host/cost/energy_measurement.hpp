// Energy of a mapped design on operands, with and without glitches.
#pragma once

#include "cmodel/energy/element_energy.hpp"
#include "host/cost/cost_design.hpp"

namespace mbm {

struct EnergyMeasurement {
  ActivityEnergy settled;  // zero delay: no glitches
  ActivityEnergy timed;    // delays of the library
};

struct MeasurementOptions {
  std::int64_t sampled_rows = 2;
  double period_ns = 0;  // 0: the design's own shortest
  bool glitches = true;  // false: `timed` stays empty
};

// A multiplier or an element on `sample`; every result is checked. Throws Error(usage) for a module
// of another kind, Error(mismatch) if the netlist computes something else.
EnergyMeasurement measure_energy(const MappedModule& mapped, const CostDesign& design,
                                 const ArraySample& sample, const MeasurementOptions& options);

// Any module with all inputs but the clock uniform and independent in every cycle, `reset` inputs
// (rst_ni) at 1: what a datapath takes at most.
EnergyMeasurement measure_random_inputs(const MappedModule& mapped, std::int64_t cycles,
                                        std::uint64_t seed, const MeasurementOptions& options);

}  // namespace mbm
