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

class AcceleratorNetworks : public testing::TestWithParam<MemoryTiming> {};

TEST_P(AcceleratorNetworks, CodesAreTheExecutorsAndCountersTheCycleModels) {
  const ProductTable table = make_product_table("mbm");
  const auto device = make_accelerator_bench(memory_options(GetParam()));
  const AcceleratorParameters parameters = AcceleratorDriver(*device).parameters();
  ReferenceEngine engine;
  int compared = 0;
  const auto first = static_cast<unsigned>(GetParam().latency) * 1000;
  for (unsigned seed = first; seed < first + 25; ++seed) {
    SCOPED_TRACE(seed);
    test::RandomNetwork random(seed, 5);
    const IntegerNetwork& network = random.network();
    if (network.nodes.empty()) continue;
    const std::vector<Codes> inputs{
        test::random_codes(network.tensors[0].count(), network.tensors[0].format, random.draw())};
    const auto lowered = test::lower_if_it_fits(network, parameters, table);
    if (!lowered) continue;
    const DeviceRun run = run_on_rtl(*device, *lowered, inputs);
    EXPECT_EQ(run.codes, run_integer_network(network, inputs, 1, table, engine));
    const CycleReport predicted = predict_cycles(lowered->program, GetParam());
    EXPECT_EQ(differences(run.counters, predicted.counters), "");
    ++compared;
  }
  EXPECT_GT(compared, 15);
}

INSTANTIATE_TEST_SUITE_P(Memories, AcceleratorNetworks,
                         testing::Values(MemoryTiming{}, MemoryTiming{.latency = 37},
                                         MemoryTiming{.latency = 100, .bytes_per_cycle = 8},
                                         MemoryTiming{.latency = 5, .bytes_per_cycle = 4}));

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
