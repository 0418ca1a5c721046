#include "host/platform/platform_run.hpp"

#include <algorithm>
#include <random>

#include "cmodel/common/error.hpp"
#include "cmodel/energy/memory_energy.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/simulation/grid_products.hpp"
#include "sim/accelerator_library.hpp"

namespace mbm {
namespace {

std::uint64_t counter(const CounterValues& counters, const registers::Counter& wanted) {
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if (registers::kCounters[i].address == wanted.address) return counters[i];
  }
  return 0;
}

std::vector<std::vector<Codes>> random_inputs(const IntegerNetwork& network, std::size_t images,
                                              std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<std::vector<Codes>> result(images);
  for (auto& inputs : result) {
    for (const std::size_t input : network.inputs) {
      const IntegerTensor& tensor = network.tensors[input];
      const std::int64_t least = smallest_code(tensor.format);
      const auto range = static_cast<std::uint64_t>(largest_code(tensor.format) - least + 1);
      Codes codes(static_cast<std::size_t>(tensor.count()));
      for (auto& code : codes) {
        code = static_cast<std::int16_t>(least + static_cast<std::int64_t>(generator() % range));
      }
      inputs.push_back(std::move(codes));
    }
  }
  return result;
}

// As much memory as the program needs, for each array, if the file does not say.
void set_memory(PlatformOptions& options, const PlatformConfiguration& configuration,
                const AcceleratorProgram& program) {
  if (configuration.memory_given) return;
  constexpr std::int64_t kPage = 4096;
  const std::int64_t one = (program.memory_bytes + kPage - 1) / kPage * kPage;
  options.dram.bytes = one * configuration.arrays;
}

// Of an image, and of the layers of `result`.
void set_energies(PlatformResult& result, const LoweredNetwork& lowered,
                  const ComponentCosts& costs) {
  const AcceleratorParameters& parameters = result.options.accelerator;
  const EventEnergies events = costs.events_of(parameters, result.options.shell.landing_beats);
  const std::vector<Command>& commands = lowered.program.commands;
  LayerCounts counts;
  counts.products = result.products;
  counts.cycles = static_cast<std::int64_t>(result.run_cycles);
  counts.bytes = static_cast<std::int64_t>(result.bytes_per_image());
  for (const Command& command : commands) counts.add(command.operation);
  result.costed = costs.description;
  result.energy = layer_energy(counts, events, parameters);
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const LayerCost& layer = result.layers[i];
    LayerCounts of_layer;
    of_layer.products = layer.products;
    of_layer.cycles = static_cast<std::int64_t>(layer.cycles);
    of_layer.bytes = layer.bytes_read + layer.bytes_written;
    const LoweredNode& node = lowered.nodes[i];
    for (std::size_t c = node.first_command; c < node.end_command; ++c) {
      of_layer.add(commands[c].operation);
    }
    result.layer_energies.push_back(layer_energy(of_layer, events, parameters));
  }
}

// Makes the Verilated accelerators of the platform, if it has any. Throws Error(usage) if those
// that are built are others.
Platform::PinsFactory verilog_of(const PlatformOptions& options) {
  if (std::ranges::find(options.cells, CellKind::rtl) == options.cells.end()) return {};
  const AcceleratorParameters& wanted = options.accelerator;
  AcceleratorParameters built = AcceleratorParameters::of_size(wanted.rows, wanted.columns);
  built.kind = wanted.kind;
  built.log_kind = wanted.log_kind;
  const ShellTiming shell;
  const bool usual = options.shell.burst_beats == shell.burst_beats &&
                     options.shell.outstanding == shell.outstanding &&
                     options.shell.landing_beats == shell.landing_beats &&
                     options.shell.queue_depth == shell.queue_depth;
  if (wanted != built || !usual) {
    fail(ErrorKind::usage,
         "platform.rtl_arrays: Verilated accelerators have the defaults of all keys accelerator.* "
         "but .size, .rows, .columns and .cell; others found");
  }
  const std::string name = accelerator_name(wanted);
  make_accelerator_pins(name);  // refuses one that is not built, before anything is run
  return [name] { return make_accelerator_pins(name); };
}

}  // namespace

std::vector<Command> without_double_buffering(const std::vector<Command>& commands) {
  std::vector<Command> result = commands;
  std::int64_t computes = 0;
  std::int64_t stores = 0;
  for (Command& command : result) {
    switch (unit_of(command.operation)) {
      case Unit::activations:
        if (computes > 0) command.fences.drained = computes;
        if (stores > 0) command.fences.stores = stores;
        break;
      case Unit::compute:
        ++computes;
        break;
      case Unit::stores:
        ++stores;
        break;
      case Unit::others:
        break;
    }
  }
  return result;
}

double PlatformResult::products_per_cycle() const {
  return static_cast<double>(products * arrays) / static_cast<double>(run_cycles);
}

double PlatformResult::utilisation() const {
  const AcceleratorParameters& a = options.accelerator;
  return products_per_cycle() / static_cast<double>(a.rows * a.columns * arrays);
}

double PlatformResult::cycles_per_image() const {
  return static_cast<double>(run_cycles) / static_cast<double>(arrays);
}

double PlatformResult::bytes_per_image() const {
  return static_cast<double>(counter(counters, registers::counter::kBytesRead) +
                             counter(counters, registers::counter::kBytesWritten));
}

double PlatformResult::intensity() const {
  return static_cast<double>(products) / bytes_per_image();
}

std::int64_t on_chip_bits(const AcceleratorParameters& parameters) {
  const AcceleratorMemories memories =
      accelerator_memories(parameters, ShellTiming{}.landing_beats);
  std::int64_t bits = 0;
  for (const MemoryShape& shape : {memories.activations, memories.weights, memories.sums,
                                   memories.outputs, memories.channels}) {
    bits += shape.banks * shape.bank_bits();
  }
  return bits;
}

PlatformResult run_platform(const IntegerNetwork& network,
                            const PlatformConfiguration& configuration,
                            const std::string& multiplier, std::uint64_t seed,
                            const std::optional<ComponentCosts>& costs) {
  PlatformResult result;
  result.options = configuration.resolved();
  result.options.accelerator.validate();
  const ProductTable table =
      resolve_product_table(set_products(result.options.accelerator, multiplier));
  const Platform::PinsFactory verilog = verilog_of(result.options);
  LoweredNetwork lowered = lower_network(network, result.options.accelerator, table);
  if (!configuration.double_buffering) {
    lowered.program.commands = without_double_buffering(lowered.program.commands);
  }
  set_memory(result.options, configuration, lowered.program);
  result.arrays = configuration.arrays;
  for (const LoweredNode& node : lowered.nodes) result.products += node.products;

  const bool data = result.options.data;
  const auto images =
      random_inputs(network, data ? static_cast<std::size_t>(configuration.arrays) : 0, seed);
  std::vector<Codes> codes(images.size());
  std::vector<CounterValues> counters(static_cast<std::size_t>(configuration.arrays));
  Platform platform(result.options, table, verilog);
  platform.run([&](std::size_t array, Device& device) {
    AcceleratorDriver driver(device);
    driver.load(lowered.program);
    if (data) {
      codes[array] = run_on_device(driver, lowered, images[array], 1);
    } else {
      driver.run();
    }
    counters[array] = driver.counters();
  });
  result.statistics = platform.statistics();
  result.counters = counters[0];
  for (const CounterValues& one : counters) {
    result.run_cycles = std::max(result.run_cycles, one[0]);
  }
  const CycleReport report = platform.report(0);
  if (!report.commands.empty()) result.layers = layer_costs(lowered, report);
  if (costs) set_energies(result, lowered, *costs);
  if (!data) return result;
  const auto engine = make_cpu_engine(1);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (codes[i] != run_integer_network(network, images[i], 1, table, *engine)) {
      fail(ErrorKind::mismatch, "array {}: its results are not those of the CPU engine", i);
    }
  }
  result.has_data = true;
  return result;
}

}  // namespace mbm
