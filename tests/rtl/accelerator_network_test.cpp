// Whole networks on the Verilated accelerator, through the driver: the codes of the executor of
// integer networks, and the cycles and counters of the cycle model, all of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "testbench/accelerator_bench.hpp"
#include "tests/cmodel/array/random_network.hpp"

namespace mbm {
namespace {

struct DeviceRun {
  Codes codes;
  CounterValues counters{};
};

AxiMemoryOptions memory_options(const MemoryTiming& timing) {
  AxiMemoryOptions options;
  options.bytes = 1 << 22;
  options.latency = timing.latency;
  options.bytes_per_cycle = timing.bytes_per_cycle;
  return options;
}

DeviceRun run_on_rtl(SimulatedDevice& device, const LoweredNetwork& lowered,
                     const std::vector<Codes>& inputs) {
  AcceleratorDriver driver(device);
  driver.load(lowered.program);
  DeviceRun result;
  result.codes = run_on_device(driver, lowered, inputs, 1);
  result.counters = driver.counters();
  return result;
}

// Counters that differ, by name, with both values.
std::string differences(const CounterValues& rtl, const CounterValues& model) {
  std::string text;
  for (std::size_t i = 0; i < rtl.size(); ++i) {
    if (rtl[i] == model[i]) continue;
    text +=
        fmt::format("{}: Verilog {}, model {}; ", registers::kCounters[i].name, rtl[i], model[i]);
  }
  return text;
}

std::string name_of(const testing::TestParamInfo<AcceleratorBench>& info) {
  return info.param.name;
}

// Runs the networks of `count` seeds from `first` on, 20 at a time on a memory of its own timing.
// Returns how many were compared; the others have no node or a layer too large for the memories.
int compare_networks(const AcceleratorBench& bench, unsigned first, unsigned count) {
  int compared = 0;
  MemoryTiming timing;
  std::unique_ptr<SimulatedDevice> device;
  ReferenceEngine engine;
  for (unsigned seed = first; seed < first + count; ++seed) {
    test::RandomNetwork random(seed, 5);
    if (seed % 20 == first % 20) {
      timing.latency = random.draw()(1, 120);
      // Unlimited, or what the bus can carry; of less, the phase of its first beat would count.
      timing.bytes_per_cycle = random.draw()(0, 1) == 0 ? 1e9 : bench.bus_bytes;
      device = bench.make(memory_options(timing), {});
    }
    SCOPED_TRACE(fmt::format("{}, seed {}, latency {}, {} bytes a cycle", bench.name, seed,
                             timing.latency, timing.bytes_per_cycle));
    const ProductTable table =
        make_product_table(bench.multipliers[seed % bench.multipliers.size()]);
    const IntegerNetwork& network = random.network();
    if (network.nodes.empty()) continue;
    const std::vector<Codes> inputs{
        test::random_codes(network.tensors[0].count(), network.tensors[0].format, random.draw())};
    const auto lowered =
        test::lower_if_it_fits(network, AcceleratorDriver(*device).parameters(), table);
    if (!lowered) continue;
    const DeviceRun run = run_on_rtl(*device, *lowered, inputs);
    EXPECT_EQ(run.codes, run_integer_network(network, inputs, 1, table, engine));
    EXPECT_EQ(differences(run.counters, predict_cycles(lowered->program, timing).counters), "");
    ++compared;
  }
  return compared;
}

class AcceleratorNetworks : public testing::TestWithParam<AcceleratorBench> {};

TEST_P(AcceleratorNetworks, CodesAreTheExecutorsAndCountersTheCycleModels) {
  EXPECT_GT(compare_networks(GetParam(), 1000, 40), 30);
}

INSTANTIATE_TEST_SUITE_P(Kinds, AcceleratorNetworks, testing::ValuesIn(accelerator_benches()),
                         name_of);

// A thousand networks on each accelerator.
class AcceleratorNetworksSlow : public testing::TestWithParam<AcceleratorBench> {};

TEST_P(AcceleratorNetworksSlow, AThousandNetworksAgree) {
  int compared = 0;
  for (unsigned first = 10'000; compared < 1000 && !HasFailure(); first += 100) {
    compared += compare_networks(GetParam(), first, 100);
  }
  RecordProperty("networks", compared);
  fmt::print("{}: {} networks compared\n", GetParam().name, compared);
}

INSTANTIATE_TEST_SUITE_P(Kinds, AcceleratorNetworksSlow, testing::ValuesIn(accelerator_benches()),
                         name_of);

// A cycle model of other hardware or of another memory must not agree.
TEST(AcceleratorNetworksTwin, ADifferentModelDiffers) {
  const ProductTable table = make_product_table("mbm");
  const MemoryTiming timing{.latency = 20};
  const auto device = make_accelerator_bench(memory_options(timing));
  Requantization requantization;
  requantization.channels.resize(8);
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 8;
  problem.input_height = problem.input_width = 10;
  problem.kernel_height = problem.kernel_width = 3;
  const auto network =
      convolution_network("layer", problem, std::vector<std::int16_t>(576, 1), requantization);
  const auto lowered = lower_network(network, AcceleratorDriver(*device).parameters(), table);
  const DeviceRun run = run_on_rtl(*device, lowered, {Codes(800, 1)});
  EXPECT_EQ(differences(run.counters, predict_cycles(lowered.program, timing).counters), "");
  EXPECT_NE(run.counters, predict_cycles(lowered.program, {.latency = 21}).counters);
  EXPECT_NE(run.counters, predict_cycles(lowered.program, timing, {.burst_beats = 8}).counters);
  EXPECT_NE(run.counters, predict_cycles(lowered.program, timing, {.landing_beats = 32}).counters);
}

}  // namespace
}  // namespace mbm
