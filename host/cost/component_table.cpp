#include "host/cost/component_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr int kClockFanout = 16;  // sinks of a clock buffer
constexpr const char* kRamSource =
    "Horowitz, ISSCC 2014, figure 1.1.9, scaled by feature size and V^2";
constexpr const char* kRamMethod = "model: 10 pJ sqrt(capacity / 8 KB) for 64 bits at 45 nm, 0.9 V";

// Runs a netlist through `drive`, which sets inputs and calls cycle(), after `warm` cycles of it.
class ModuleRun {
 public:
  ModuleRun(const MappedModule& mapped, double period_ns)
      : timing_(gate_timing(mapped.netlist, mapped.netlist.evaluation_order(),
                            mapped.library->file.library, mapped.library->environment)),
        energy_(mapped.netlist, mapped.library->file.library, timing_, mapped.library->environment),
        simulation_(mapped.netlist, timing_, &energy_, GateDelay::library, period_ns) {}

  GateSimulation& simulation() { return simulation_; }
  double mean_fj() const {
    return simulation_.cycles() == 0
               ? 0
               : simulation_.energy().total() / static_cast<double>(simulation_.cycles());
  }

 private:
  GateTiming timing_;
  GateEnergy energy_;
  GateSimulation simulation_;
};

// Sums of a sampled column, position by position.
std::vector<std::vector<std::int64_t>> column_sums(const CostDesign& element,
                                                   const ArraySample& sample) {
  const auto operand = [&](std::int16_t code) {
    return element.form.reduced(code, sample.operand_bits);
  };
  std::vector<std::vector<std::int64_t>> sums;
  for (const SampledTile& tile : sample.tiles) {
    auto& column = sums.emplace_back();
    for (std::int64_t p = 0; p < sample.positions(tile); ++p) {
      std::int64_t sum = 0;
      for (std::int64_t r = 0; r < sample.rows; ++r) {
        sum += element.form.term(
            *element.table, operand(tile.weights[static_cast<std::size_t>(r)]),
            operand(tile.activations[static_cast<std::size_t>(p * sample.rows + r)]));
      }
      column.push_back(sum);
    }
  }
  return sums;
}

double saturated_sum_fj(const MappedModule& mapped, const CostDesign& element,
                        const ArraySample& sample, double period_ns) {
  ModuleRun run(mapped, period_ns);
  GateSimulation& simulation = run.simulation();
  std::vector<std::int64_t> kept;
  simulation.set("ceiling_i", 0x7fffffff);
  for (const std::vector<std::int64_t>& column : column_sums(element, sample)) {
    kept.resize(std::max(kept.size(), column.size()), 0);
    for (std::size_t p = 0; p < column.size(); ++p) {
      simulation.set("keep_i", 1);
      simulation.set("kept_i", static_cast<std::uint64_t>(kept[p]) & 0xffffffff);
      simulation.set("sum_i", static_cast<std::uint64_t>(column[p]) & 0xffffffff);
      simulation.cycle();
      kept[p] += column[p];
      if (simulation.get("sum_o") != (static_cast<std::uint64_t>(kept[p]) & 0xffffffff)) {
        fail(ErrorKind::mismatch, "netlist of saturated_sum: {:#x} found, {:#x} expected",
             simulation.get("sum_o"), static_cast<std::uint64_t>(kept[p]) & 0xffffffff);
      }
    }
  }
  return run.mean_fj();
}

// A lane that brings the sums to codes: the largest to 255.
double post_lane_fj(const MappedModule& mapped, const CostDesign& element,
                    const ArraySample& sample, double period_ns) {
  const auto sums = column_sums(element, sample);
  std::int64_t largest = 1;
  for (const auto& column : sums) {
    for (const std::int64_t sum : column) largest = std::max(largest, std::abs(sum));
  }
  const FixedPointScale scale = fixed_point_scale(255.0 / static_cast<double>(largest));
  ModuleRun run(mapped, period_ns);
  GateSimulation& simulation = run.simulation();
  simulation.set("factor_i", scale.multiplier);
  simulation.set("negative_factor_i", scale.multiplier);
  simulation.set("shift_i", scale.shift);
  simulation.set("first3_i", 1);
  simulation.set("inside3_i", 1);
  simulation.set("lowest5_i", 0x101);
  simulation.set("highest5_i", 0xff);
  for (const auto& column : sums) {
    for (const std::int64_t sum : column) {
      simulation.set("operand_i", static_cast<std::uint64_t>(sum) & 0xffffffff);
      simulation.cycle();
    }
  }
  return run.mean_fj();
}

double encoder_fj(const MappedModule& mapped, const ArraySample& sample, double period_ns,
                  bool weights) {
  ModuleRun run(mapped, period_ns);
  for (const SampledTile& tile : sample.tiles) {
    for (std::int64_t r = 0; r < std::min<std::int64_t>(2, tile.used_rows); ++r) {
      for (std::int64_t p = 0; p < (weights ? sample.rows : sample.positions(tile)); ++p) {
        const int code = weights ? tile.weights[static_cast<std::size_t>(sample.rows - 1 - p)]
                                 : tile.activations[static_cast<std::size_t>(p * sample.rows + r)];
        run.simulation().set("value_i", static_cast<std::uint64_t>(std::abs(code)));
        run.simulation().cycle();
      }
    }
  }
  return run.mean_fj();
}

// Buffers in levels of kClockFanout until one is left; each drives clock pins or buffers.
struct ClockTree {
  double buffers = 0;
  double area_um2 = 0;
  double cycle_fj = 0;
};

ClockTree clock_tree(const MappedModule& mapped, double sinks) {
  const CellLibrary& library = mapped.library->file.library;
  const LibraryCell* buffer = nullptr;
  for (const auto& [name, cell] : library.cells) {
    if (cell.excluded || cell.flip_flop || cell.latch || cell.pins.size() != 2) continue;
    const CellPin& output = cell.pins[cell.pins[0].output ? 0 : 1];
    if (!output.output || !output.function || output.timing.empty() ||
        !output.function->value(~PinValues{0}) || output.function->value(0)) {
      continue;
    }
    if (buffer == nullptr || cell.area_um2 > buffer->area_um2) {
      if (buffer == nullptr || cell.area_um2 <= 3 * library.nand2_area_um2()) buffer = &cell;
    }
  }
  if (buffer == nullptr) fail(ErrorKind::input, "library {}: no buffer found", library.name);
  double clock_pin_ff = 0;
  for (const GateInstance& instance : mapped.netlist.instances) {
    if (!instance.cell->flip_flop) continue;
    for (const CellPin& pin : instance.cell->pins) {
      if (pin.clock) clock_pin_ff = pin.capacitance_ff;
    }
  }
  const CellPin& input = buffer->pins[buffer->pins[0].output ? 1 : 0];
  const CellPin& output = buffer->pins[buffer->pins[0].output ? 0 : 1];
  ClockTree tree;
  double load = kClockFanout * clock_pin_ff;
  for (double level = sinks; level > 1;) {
    level = std::ceil(level / kClockFanout);
    tree.buffers += level;
    tree.area_um2 += level * buffer->area_um2;
    double fj = input.capacitance_ff * library.voltage * library.voltage;
    for (const PowerArc& arc : output.power) {
      const double slew = mapped.library->environment.input_slew_ns;
      fj += (arc.rise_fj.at(slew, load) + arc.fall_fj.at(slew, load)) /
            static_cast<double>(output.power.size());
    }
    tree.cycle_fj += level * fj;
    load = kClockFanout * input.capacitance_ff;
  }
  return tree;
}

double flip_flops(const GateNetlist& netlist) {
  double count = 0;
  for (const GateInstance& instance : netlist.instances) {
    count += instance.cell->flip_flop ? 1 : 0;
  }
  return count;
}

class Builder {
 public:
  Builder(Synthesiser& synthesiser, CostedAccelerator& result, const ArraySample& sample)
      : synthesiser_(synthesiser),
        result_(result),
        sample_(sample),
        library_(synthesiser.library().name),
        memories_(accelerator_memories(result.parameters, ShellTiming{}.landing_beats)) {}

  void build() {
    element();
    edges();
    column_sum();
    lane();
    memories();
    registers();
    dma();
    clock();
  }

 private:
  std::string netlist_source(const MappedModule& mapped) const {
    return fmt::format("netlist of {} in {} ({})", mapped.module.description(), library_,
                       mapped.recipe.description());
  }

  void add(std::string component, std::string event, double count, double area, double energy,
           std::string method, std::string source) {
    result_.components.push_back({std::move(component), std::move(event), count, area, energy,
                                  std::move(method), std::move(source)});
  }

  double elements() const {
    return static_cast<double>(result_.parameters.rows * result_.parameters.columns);
  }

  void element() {
    measure_element(result_, sample_, {.sampled_rows = 2, .period_ns = result_.period_ns});
    const MappedModule& mapped = result_.mapped_element;
    const double area = mapped.netlist.area_um2();
    const std::string name = "element " + result_.element.name;
    const std::string method = "simulated with the library's delays, on the sample";
    add(name, "product", elements(), area, result_.events.product.total(), method,
        netlist_source(mapped));
    add(name, "idle cycle", 0, area, result_.events.idle_element.total(), method,
        netlist_source(mapped));
    add(name, "new weight", 0, area, result_.events.loaded_element.total(), method,
        netlist_source(mapped));
  }

  void edges() {
    const ElementForm& form = result_.element.form;
    if (form.coding != OperandCoding::logarithm) return;
    const CostModule module{form.true_logarithm ? "log2_encoder" : "log_encoder",
                            {{"Width", 8}, {"FractionBits", form.fraction_bits}},
                            ""};
    const MappedModule mapped = synthesiser_.smallest(module);
    result_.events.activation_edge = encoder_fj(mapped, sample_, result_.period_ns, false);
    result_.events.weight_edge = encoder_fj(mapped, sample_, result_.period_ns, true);
    const std::string method = "simulated with the library's delays, on the sample";
    add("encoder", "activation", static_cast<double>(result_.parameters.rows),
        mapped.netlist.area_um2(), result_.events.activation_edge, method, netlist_source(mapped));
    add("encoder", "weight", static_cast<double>(result_.parameters.columns),
        mapped.netlist.area_um2(), result_.events.weight_edge, method, netlist_source(mapped));
  }

  void column_sum() {
    const MappedModule mapped = synthesiser_.smallest({"saturated_sum", {}, ""});
    result_.events.column_sum =
        saturated_sum_fj(mapped, result_.element, sample_, result_.period_ns);
    add("column sum", "addition", static_cast<double>(result_.parameters.columns),
        mapped.netlist.area_um2(), result_.events.column_sum,
        "simulated with the library's delays, on sums of the sample", netlist_source(mapped));
  }

  void lane() {
    const MappedModule mapped = synthesiser_.map({"post_lane", {}, ""}, {});
    result_.events.result = post_lane_fj(mapped, result_.element, sample_, result_.period_ns);
    add("requantiser lane", "result", static_cast<double>(result_.parameters.lanes),
        mapped.netlist.area_um2(), result_.events.result,
        "simulated with the library's delays, on sums of the sample", netlist_source(mapped));
  }

  void memory(const std::string& name, const std::string& event, const MemoryShape& shape) {
    add(name, fmt::format("{} of {} bits", event, shape.bits), static_cast<double>(shape.banks),
        static_ram_area_um2(shape.bank_bits(), result_.process), shape.access_fj(result_.process),
        kRamMethod, kRamSource);
  }

  void memories() {
    set_memory_energies(result_.events, memories_, result_.process);
    memory("activation scratchpad bank", "access", memories_.activations);
    memory("output buffer bank", "access", memories_.outputs);
    memory("weight FIFO", "access", memories_.weights);
    memory("partial sums, a bank of a column", "access", memories_.sums);
    memory("channel parameters", "access", memories_.channels);
    if (result_.parameters.kind == ElementKind::lut) {
      memory("master table", "access", {1, 65536, 16});
    }
    add("DRAM", "byte", 0, 0, dynamic_ram_byte_fj(),
        "published figure, 1.3 nJ for 64 bits, not scaled",
        "Horowitz, ISSCC 2014, figure 1.1.9 (1.3 to 2.6 nJ)");
  }

  void measured_module(const std::string& name, const std::string& event, const CostModule& module,
                       double& energy) {
    const MappedModule mapped = synthesiser_.map(module, {});
    const EnergyMeasurement measured =
        measure_random_inputs(mapped, 200, 1, {.period_ns = result_.period_ns});
    energy = measured.timed.stream.total();
    add(name, event, 1, mapped.netlist.area_um2(), energy,
        "simulated with the library's delays, all inputs random: at most", netlist_source(mapped));
  }

  void registers() {
    double energy = 0;
    measured_module("register file, 16 words of 32 bits", "cycle with a write and a read",
                    {"dual_port_ram", {{"Bits", 32}, {"Depth", 16}}, ""}, energy);
    result_.components.back().count = 0;  // for scale; the accelerator has none of this size
  }

  // A beat passes a register stage and the landing memory. The DMA's control is left out: its
  // landing memories, mapped to flip-flops, take Yosys many minutes.
  void dma() {
    measured_module("DMA, register stage", "beat",
                    {"skid_buffer", {{"Bits", 8 * result_.parameters.bus_bytes}}, ""},
                    result_.events.bus_beat);
    memory("DMA, landing memory", "access", memories_.landing);
  }

  void clock() {
    const double sinks = flip_flops(result_.mapped_element.netlist) * elements();
    const ClockTree tree = clock_tree(result_.mapped_element, sinks);
    result_.events.clock_tree_cycle = tree.cycle_fj;
    add("clock tree of the array", "cycle", 1, tree.area_um2, tree.cycle_fj,
        fmt::format("estimate: {:.0f} buffers of {} sinks each for {:.0f} flip-flops, no wires",
                    tree.buffers, kClockFanout, sinks),
        fmt::format("power tables of {}", library_));
  }

  Synthesiser& synthesiser_;
  CostedAccelerator& result_;
  const ArraySample& sample_;
  std::string library_;
  AcceleratorMemories memories_;
};

}  // namespace

Process process_of(const CostLibrary& library) {
  for (const auto& [name, feature] :
       {std::pair{"osu018", 180.0}, {"osu035", 350.0}, {"sky130", 130.0}, {"nangate45", 45.0}}) {
    if (library.name == name) return {feature, library.file.library.voltage};
  }
  fail(ErrorKind::usage,
       "library {}: its feature size is not known, so memories cannot be scaled; osu018, osu035, "
       "sky130 or nangate45 expected",
       library.name);
}

double CostedAccelerator::area_um2() const {
  double area = 0;
  for (const ComponentEntry& entry : components) area += entry.count * entry.area_um2;
  return area;
}

void measure_element(CostedAccelerator& accelerator, const ArraySample& sample,
                     const MeasurementOptions& options) {
  const EnergyMeasurement measured =
      measure_energy(accelerator.mapped_element, accelerator.element, sample, options);
  accelerator.events.product = measured.timed.stream;
  accelerator.events.idle_element = measured.timed.idle;
  accelerator.events.loaded_element = measured.timed.load;
}

CostedAccelerator cost_accelerator(Synthesiser& synthesiser, const CostDesign& element,
                                   const AcceleratorParameters& parameters,
                                   const ArraySample& sample, double period_ns) {
  if (element.kind != DesignKind::element) {
    fail(ErrorKind::usage, "design '{}': a processing element (pe/...) expected", element.name);
  }
  CostedAccelerator result;
  result.parameters = parameters;
  result.process = process_of(synthesiser.library());
  result.element = element;
  result.mapped_element = period_ns > 0 ? synthesiser.smallest_within(element.module, period_ns)
                                        : synthesiser.smallest(element.module);
  result.period_ns = std::max(period_ns, result.mapped_element.period_ns);
  Builder(synthesiser, result, sample).build();
  return result;
}

}  // namespace mbm
