#include "cmodel/energy/layer_energy.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/array/network_report.hpp"
#include "cmodel/array/resize_walk.hpp"
#include "cmodel/energy/array_sample.hpp"

namespace mbm {

double LayerCounts::utilisation(const AcceleratorParameters& parameters) const {
  const std::int64_t places = cycles * parameters.rows * parameters.columns;
  return places == 0 ? 0 : static_cast<double>(products) / static_cast<double>(places);
}

namespace {

// Operands of one channel that a vector command reads.
std::int64_t taps_of(const Maximum& maximum) {
  return maximum.geometry.rows * maximum.geometry.columns * maximum.window_rows *
         maximum.window_columns;
}
std::int64_t taps_of(const Resize& resize) {
  return resize.geometry.rows * resize_row_taps(resize);
}
std::int64_t taps_of(const Add& add) {
  return add.geometry.rows * add.geometry.columns * 2;
}
std::int64_t taps_of(const Rescale& rescale) {
  return rescale.geometry.rows * rescale.geometry.columns * rescale.window_rows *
         rescale.window_columns;
}

template <typename Operation>
concept VectorOperation = requires(const Operation& operation) {
  taps_of(operation);
};

}  // namespace

void LayerCounts::add(const CommandOperation& operation) {
  std::visit(
      [this](const auto& vector) {
        if constexpr (VectorOperation<std::remove_cvref_t<decltype(vector)>>) {
          vector_taps += taps_of(vector) * vector.channels;
          vector_results += vector.geometry.rows * vector.geometry.columns * vector.channels;
        }
      },
      operation);
  if (const auto* convolve = std::get_if<ConvolutionPass>(&operation)) {
    tiles += convolve->tiles();
    tile_positions += convolve->tiles() * convolve->positions();
    if (convolve->last) results += convolve->positions() * convolve->channels;
  } else if (const auto* load = std::get_if<LoadActivations>(&operation)) {
    loaded_operands += load->rows * load->elements;
  }
}

LayerCounts count_layer(const std::string& layer, const ConvolutionProblem& problem,
                        const std::vector<std::int16_t>& weights,
                        const AcceleratorParameters& parameters) {
  const LoweredNetwork lowered = lower_network(
      convolution_network(layer, problem, weights, plain_requantization(problem.output_channels)),
      parameters, make_product_table("exact"));
  const LayerCost cost = layer_costs(lowered, predict_cycles(lowered.program)).front();
  LayerCounts counts;
  counts.products = cost.products;
  counts.cycles = static_cast<std::int64_t>(cost.cycles);
  counts.bytes = cost.bytes_read + cost.bytes_written;
  for (const Command& command : lowered.program.commands) counts.add(command.operation);
  return counts;
}

void set_memory_energies(EventEnergies& events, const AcceleratorMemories& memories,
                         const Process& process) {
  events.activation_read = events.activation_write = memories.activations.access_fj(process);
  // An operand is a part of a row, in and out.
  const double operands =
      static_cast<double>(memories.weights.bits) / static_cast<double>(memories.activations.bits);
  events.weight_fifo = 2 * memories.weights.access_fj(process) / operands;
  events.partial_sum_access = memories.sums.access_fj(process);
  events.output_access = memories.outputs.access_fj(process);
  events.landing_access = memories.landing.access_fj(process);
  events.memory_byte = dynamic_ram_byte_fj();
}

ComponentEnergies layer_energy(const LayerCounts& counts, const EventEnergies& events,
                               const AcceleratorParameters& parameters) {
  const auto elements = static_cast<double>(parameters.rows * parameters.columns);
  const auto rows = static_cast<double>(parameters.rows);
  const auto columns = static_cast<double>(parameters.columns);
  const auto cycles = static_cast<double>(counts.cycles);
  const auto products = static_cast<double>(counts.products);
  const auto tiles = static_cast<double>(counts.tiles);
  const auto positions = static_cast<double>(counts.tile_positions);
  const auto results = static_cast<double>(counts.results);
  const auto vector_taps = static_cast<double>(counts.vector_taps);
  const auto vector_results = static_cast<double>(counts.vector_results);
  const double weights = tiles * elements;
  const double idle = std::max(0.0, cycles * elements - products);
  const auto bytes = static_cast<double>(counts.bytes);
  const EnergyBreakdown element = events.product * products + events.idle_element * idle;
  return {
      {"elements: logic", element.switching + element.combinational + element.sequential},
      {"elements: clock pins", element.clock},
      {"elements: leakage", element.leakage},
      {"elements: new weights", (events.loaded_element * weights).total()},
      {"encoders", events.activation_edge * positions * rows + events.weight_edge * weights},
      {"column sums", events.column_sum * positions * columns},
      {"partial-sum memory", events.partial_sum_access * (2 * positions * columns + results)},
      {"activation scratchpad",
       events.activation_read * (positions * rows + vector_taps) +
           events.activation_write * static_cast<double>(counts.loaded_operands)},
      {"weight FIFO", events.weight_fifo * weights},
      {"requantisers", events.result * (results + vector_taps)},
      {"output buffer", 2 * events.output_access * (results + vector_results)},
      {"DMA", (events.bus_beat + 2 * events.landing_access) * bytes /
                  static_cast<double>(parameters.bus_bytes)},
      {"clock tree", events.clock_tree_cycle * cycles},
      {"DRAM", events.memory_byte * bytes},
  };
}

double total_fj(const ComponentEnergies& energies) {
  double total = 0;
  for (const auto& [name, energy] : energies) total += energy;
  return total;
}

}  // namespace mbm
