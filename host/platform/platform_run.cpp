#include "host/platform/platform_run.hpp"

#include <algorithm>
#include <random>

#include "cmodel/common/error.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "host/multiplier/resolve.hpp"

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

std::int64_t on_chip_bits(const AcceleratorParameters& a) {
  constexpr std::int64_t kOperandBits = 9;
  constexpr std::int64_t kSumBits = 32;
  constexpr std::int64_t kParameterBits =
      71;  // docs/accelerator.md, section 4: bias, scales, shift
  return kOperandBits * (a.activation_depth + a.output_depth + a.weight_rows * a.columns) +
         kSumBits * 2 * a.sum_depth * a.columns + kParameterBits * a.parameter_depth;
}

PlatformResult run_platform(const IntegerNetwork& network,
                            const PlatformConfiguration& configuration,
                            const std::string& multiplier, std::uint64_t seed) {
  PlatformResult result;
  result.options = configuration.resolved();
  result.options.accelerator.validate();
  const ProductTable table = resolve_product_table(multiplier);
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
  Platform platform(result.options, table);
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
