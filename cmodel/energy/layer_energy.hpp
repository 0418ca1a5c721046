// Energy of a layer, component by component, from counts of the array model and energies of events.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/command.hpp"
#include "cmodel/convolution/convolution_problem.hpp"
#include "cmodel/energy/gate_energy.hpp"
#include "cmodel/energy/memory_energy.hpp"

namespace mbm {

// How often things happen in a layer, from its commands and predicted cycles.
struct LayerCounts {
  std::int64_t products = 0;
  std::int64_t cycles = 0;
  std::int64_t bytes = 0;  // read and written, commands not among them
  std::int64_t tiles = 0;
  std::int64_t tile_positions = 0;  // cycles in which activations enter, over all tiles
  std::int64_t results = 0;         // of convolutions, through the lanes
  std::int64_t vector_taps = 0;     // operands that vector commands read, one in a lane and cycle
  std::int64_t vector_results = 0;
  std::int64_t loaded_operands = 0;  // activations from memory

  // Share of the array's products that the layer needs, 0..1.
  double utilisation(const AcceleratorParameters& parameters) const;
  // Adds the tiles, positions, results, taps and loaded operands of a command.
  void add(const CommandOperation& operation);
};

// The counts of a layer alone on the accelerator, with a memory that answers at once
// (cmodel/array/cycle_model.hpp). Throws Error(usage) that names `layer` if it does not fit.
LayerCounts count_layer(const std::string& layer, const ConvolutionProblem& problem,
                        const std::vector<std::int16_t>& weights,
                        const AcceleratorParameters& parameters);

// Energy of one event each, fJ.
struct EventEnergies {
  EnergyBreakdown product;         // an element in a cycle with a product
  EnergyBreakdown idle_element;    // an element in a cycle without
  EnergyBreakdown loaded_element;  // beyond that, of a new weight
  double activation_edge = 0;      // an operand encoded where it enters
  double weight_edge = 0;
  double column_sum = 0;       // a sum added and saturated at the foot of a column
  double result = 0;           // requantised in a lane
  double activation_read = 0;  // an operand of 9 bits from the scratchpad
  double activation_write = 0;
  double weight_fifo = 0;         // an operand, in and out
  double partial_sum_access = 0;  // 32 bits
  double output_access = 0;       // an operand, in or out
  double bus_beat = 0;            // of the DMA's register stage
  double landing_access = 0;      // to the DMA's landing memory, a beat in or out
  double memory_byte = 0;         // of DRAM
  double clock_tree_cycle = 0;    // buffers, of the array
};

// Component and fJ, in the order of the data's way; the elements' parts apart.
using ComponentEnergies = std::vector<std::pair<std::string, double>>;

// Sets those of the memories, on the chip and off it: functions of their shapes.
void set_memory_energies(EventEnergies& events, const AcceleratorMemories& memories,
                         const Process& process);

// A tap of a vector command costs in its lane what a result of a convolution costs there.
ComponentEnergies layer_energy(const LayerCounts& counts, const EventEnergies& events,
                               const AcceleratorParameters& parameters);

double total_fj(const ComponentEnergies& energies);

}  // namespace mbm
