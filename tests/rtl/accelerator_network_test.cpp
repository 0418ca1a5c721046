// Whole networks on the Verilated accelerator, through the driver: the codes of the executor of
// integer networks, and the cycles and counters of the cycle model, all of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "sim/accelerator_library.hpp"
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
int compare_networks(const AcceleratorBench& bench, unsigned first, unsigned count, int width = 1) {
  int compared = 0;
  MemoryTiming timing;
  std::unique_ptr<SimulatedDevice> device;
  ReferenceEngine engine;
  for (unsigned seed = first; seed < first + count; ++seed) {
    test::RandomNetwork random(seed, 5, width);
    if (seed % 20 == first % 20) {
      timing.latency = random.draw()(1, 120);
      // Unlimited, or quarters of what the bus can carry and more.
      timing.bytes_per_cycle =
          random.draw()(0, 1) == 0 ? 1e9 : random.draw()(1, 6) * bench.bus_bytes / 4.0;
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

// The accelerators of `mbm simulate`, on networks that fill them.
AcceleratorBench built_bench(const std::string& name) {
  const auto make = [name](const AxiMemoryOptions& options, RegisterPortOptions) {
    return make_accelerator(name, options);
  };
  if (name.ends_with("-lut")) return {name, {"mbm", "drum:4", "mitchell"}, 16, make};
  return {name, {name.ends_with("-exact") ? "exact" : "mbm"}, 16, make};
}

std::string size_and_kind(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return "of_" + name;
}

constexpr int kWidth = 5;  // up to 60 channels

// A `lut` grid of this size loads 65,536 products for each network and takes hundreds of thousands
// of cycles for it, others thousands.
unsigned large_count(const std::string& name, unsigned usual) {
  return name.ends_with("-lut") ? usual / 10 : usual;
}

// Those of 32 x 32 are built when somebody asks for them.
class LargeAcceleratorNetworks : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (std::ranges::binary_search(built_accelerators(), GetParam())) return;
    GTEST_SKIP() << "skipped: " << GetParam() << " is not built (scripts/build release accelerator-"
                 << GetParam() << ")";
  }
};

TEST_P(LargeAcceleratorNetworks, CodesAreTheExecutorsAndCountersTheCycleModels) {
  const unsigned count = large_count(GetParam(), 40);
  EXPECT_GT(compare_networks(built_bench(GetParam()), 2000, count, kWidth),
            static_cast<int>(count / 2));
}

INSTANTIATE_TEST_SUITE_P(Rtl, LargeAcceleratorNetworks,
                         testing::Values("16x16-log-mbm", "16x16-exact", "16x16-lut",
                                         "32x32-log-mbm"),
                         size_and_kind);

class LargeAcceleratorNetworksSlow : public LargeAcceleratorNetworks {};

TEST_P(LargeAcceleratorNetworksSlow, ManyNetworksAgree) {
  const auto wanted = static_cast<int>(large_count(GetParam(), 1000));
  int compared = 0;
  for (unsigned first = 20'000; compared < wanted && !HasFailure(); first += 20) {
    compared += compare_networks(built_bench(GetParam()), first, 20, kWidth);
  }
  RecordProperty("networks", compared);
  fmt::print("{}: {} networks compared\n", GetParam(), compared);
}

INSTANTIATE_TEST_SUITE_P(Rtl, LargeAcceleratorNetworksSlow,
                         testing::Values("16x16-log-mbm", "16x16-exact", "16x16-lut",
                                         "32x32-log-mbm", "32x32-exact", "32x32-lut"),
                         size_and_kind);

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
  EXPECT_NE(run.counters,
            predict_cycles(lowered.program, {.latency = 20, .bytes_per_cycle = 6}).counters);
  EXPECT_NE(run.counters, predict_cycles(lowered.program, timing, {.burst_beats = 8}).counters);
  EXPECT_NE(run.counters, predict_cycles(lowered.program, timing, {.landing_beats = 16}).counters);
}

}  // namespace
}  // namespace mbm
