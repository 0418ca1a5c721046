// Energy of processing elements and multipliers on operands of the array, by simulation of their
// netlists. Each simulated result is compared with the definition.
#pragma once

#include <cstdint>
#include <string>

#include "cmodel/energy/array_sample.hpp"
#include "cmodel/energy/element_form.hpp"
#include "cmodel/energy/gate_simulation.hpp"

namespace mbm {

struct ActivityEnergy {
  EnergyBreakdown stream;  // of a cycle in which a product is made and no weight moves
  EnergyBreakdown load;    // of the loading of one tile, beyond cycles of `idle`
  EnergyBreakdown idle;    // of a cycle in which nothing changes
  double toggles = 0;      // of a cycle of `stream`, all nets
  std::uint64_t cycles = 0;
};

// An element at each of `sampled_rows` rows of the array (spread evenly; those that a tile does not
// use are left out), through all tiles of the sample: its weights come down the chain, then the
// activations stream by and the partial sums of the elements above come in. Ports
// as those of rtl/pe/processing_element.sv. Throws Error(mismatch) that names the netlist and the
// cycle if a sum is wrong.
ActivityEnergy element_energy(GateSimulation& simulation, const std::string& name,
                              const ElementForm& form, const ProductTable& table,
                              const ArraySample& sample, std::int64_t sampled_rows);

// A multiplier (a_i, b_i, product_o, unsigned, of `width` bits) with the weight at a_i and the
// activation at b_i, in the order of an element at `sampled_rows` rows.
ActivityEnergy multiplier_energy(GateSimulation& simulation, const std::string& name, int width,
                                 const ProductTable& table, const ArraySample& sample,
                                 std::int64_t sampled_rows);

// The rows that are looked at, ascending.
std::vector<std::int64_t> rows_to_sample(std::int64_t rows, std::int64_t sampled_rows);

}  // namespace mbm
