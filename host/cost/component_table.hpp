// Every component of the accelerator with its area and the energy of its event, and where the
// figure comes from.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/energy/layer_energy.hpp"
#include "cmodel/energy/memory_energy.hpp"
#include "host/cost/energy_measurement.hpp"

namespace mbm {

struct ComponentEntry {
  std::string component;
  std::string event;     // what the energy is of
  double count = 0;      // of the component in the accelerator
  double area_um2 = 0;   // of one; 0: not on the chip
  double energy_fj = 0;  // of an event
  std::string method;
  std::string source;
};

// The accelerator with elements of one design.
struct CostedAccelerator {
  AcceleratorParameters parameters;
  Process process;
  CostDesign element;
  MappedModule mapped_element;
  double period_ns = 0;  // of the element, which limits the array
  std::vector<ComponentEntry> components;
  EventEnergies events;  // with the element's on the operands it was made with

  double area_um2() const;
};

// Maps what the accelerator is made of and measures it: the element, its encoders, column sums and
// lanes on the operands of `sample`, the DMA's data on random ones; memories by the models of
// cmodel/energy/memory_energy.hpp. `period_ns` 0: as fast as the element's smallest netlist.
CostedAccelerator cost_accelerator(Synthesiser& synthesiser, const CostDesign& element,
                                   const AcceleratorParameters& parameters,
                                   const ArraySample& sample, double period_ns);

// The element's energies on other operands, for the same accelerator.
void measure_element(CostedAccelerator& accelerator, const ArraySample& sample,
                     const MeasurementOptions& options);

// The process of a library: its feature size by its name (osu018 180 nm, osu035 350, sky130 130,
// nangate45 45); throws Error(usage) for another one.
Process process_of(const CostLibrary& library);

}  // namespace mbm
