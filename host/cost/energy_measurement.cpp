#include "host/cost/energy_measurement.hpp"

#include <functional>
#include <random>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// Without glitches, then, if wanted, with them.
EnergyMeasurement measure(const MappedModule& mapped, const MeasurementOptions& options,
                          const std::function<ActivityEnergy(GateSimulation&)>& run) {
  const CellLibrary& library = mapped.library->file.library;
  const GateEnvironment& environment = mapped.library->environment;
  const GateTiming timing =
      gate_timing(mapped.netlist, mapped.netlist.evaluation_order(), library, environment);
  const GateEnergy energy(mapped.netlist, library, timing, environment);
  const double period = options.period_ns > 0 ? options.period_ns : mapped.period_ns;
  EnergyMeasurement result;
  GateSimulation settled(mapped.netlist, timing, &energy, GateDelay::zero, period);
  result.settled = run(settled);
  if (options.glitches) {
    GateSimulation timed(mapped.netlist, timing, &energy, GateDelay::library, period);
    result.timed = run(timed);
  }
  return result;
}

}  // namespace

EnergyMeasurement measure_energy(const MappedModule& mapped, const CostDesign& design,
                                 const ArraySample& sample, const MeasurementOptions& options) {
  if (!design.table) {
    fail(ErrorKind::usage, "{}: no multiplier and no processing element; random inputs only",
         design.name);
  }
  return measure(mapped, options, [&](GateSimulation& simulation) {
    if (design.kind == DesignKind::element) {
      return element_energy(simulation, design.name, design.form, *design.table, sample,
                            options.sampled_rows);
    }
    return multiplier_energy(simulation, design.name, design.form.width, *design.table, sample,
                             options.sampled_rows);
  });
}

EnergyMeasurement measure_random_inputs(const MappedModule& mapped, std::int64_t cycles,
                                        std::uint64_t seed, const MeasurementOptions& options) {
  return measure(mapped, options, [&](GateSimulation& simulation) {
    std::mt19937_64 random(seed);
    const auto cycle = [&] {
      for (const auto& [name, port] : mapped.netlist.ports) {
        if (port.output) continue;
        for (std::size_t word = 0; 64 * word < port.nets.size(); ++word) {
          simulation.set(name, name == "rst_ni" ? 1 : random(), word);
        }
      }
      simulation.cycle();
    };
    for (int i = 0; i < 8; ++i) cycle();
    simulation.clear();
    for (std::int64_t i = 0; i < cycles; ++i) cycle();
    ActivityEnergy energy;
    energy.cycles = simulation.cycles();
    energy.stream = simulation.energy() * (1.0 / static_cast<double>(energy.cycles));
    std::uint64_t toggles = 0;
    for (const std::uint64_t count : simulation.toggles()) toggles += count;
    energy.toggles = static_cast<double>(toggles) / static_cast<double>(energy.cycles);
    simulation.clear();
    for (int i = 0; i < 16; ++i) simulation.cycle();
    energy.idle = simulation.energy() * (1.0 / 16);
    return energy;
  });
}

}  // namespace mbm
