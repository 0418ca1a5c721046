// The platform: what its arrays compute is what the executor of integer networks computes, models
// take the cycles of the Verilated accelerator whatever happens on the bus, and what goes wrong is
// named.
#include "sim/systemc/platform.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cmodel/array/network_lowering.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "testbench/accelerator_bench.hpp"
#include "tests/cmodel/array/random_network.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

// Those of testbench/accelerator_bench.hpp.
AcceleratorParameters bench_parameters() {
  AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
  parameters.bus_bytes = 8;
  parameters.activation_depth = 8192;
  parameters.sum_depth = 64;
  parameters.output_depth = 4096;
  parameters.parameter_depth = 64;
  return parameters;
}

PlatformOptions small_platform(std::vector<CellKind> cells) {
  PlatformOptions options;
  options.accelerator = bench_parameters();
  options.dram.bytes = (std::int64_t{1} << 21) * static_cast<std::int64_t>(cells.size());
  options.cells = std::move(cells);
  return options;
}

// A network, its program, and for each array another image.
struct Work {
  LoweredNetwork lowered;
  std::vector<std::vector<Codes>> inputs;  // by array
  std::vector<Codes> expected;
};

const ProductTable& products() {
  static const ProductTable table = make_product_table("mbm");
  return table;
}

std::optional<Work> random_work(unsigned seed, std::size_t arrays,
                                const AcceleratorParameters& parameters = bench_parameters()) {
  test::RandomNetwork random(seed, 5);
  const IntegerNetwork& network = random.network();
  if (network.nodes.empty()) return {};
  const auto lowered = test::lower_if_it_fits(network, parameters, products());
  if (!lowered) return {};
  Work work{*lowered, {}, {}};
  ReferenceEngine engine;
  for (std::size_t i = 0; i < arrays; ++i) {
    work.inputs.push_back(
        {test::random_codes(network.tensors[0].count(), network.tensors[0].format, random.draw())});
    work.expected.push_back(
        run_integer_network(network, work.inputs.back(), 1, products(), engine));
  }
  return work;
}

struct Outcome {
  std::vector<Codes> codes;
  std::vector<CounterValues> counters;
  PlatformStatistics statistics;
};

Outcome run(const PlatformOptions& options, const Work& work) {
  Platform platform(options, products(), make_accelerator_pins);
  Outcome outcome;
  outcome.codes.resize(options.cells.size());
  outcome.counters.resize(options.cells.size());
  platform.run([&](std::size_t array, Device& device) {
    AcceleratorDriver driver(device);
    driver.load(work.lowered.program);
    outcome.codes[array] = run_on_device(driver, work.lowered, work.inputs[array], 1);
    outcome.counters[array] = driver.counters();
  });
  outcome.statistics = platform.statistics();
  return outcome;
}

// Counters that differ, by array and name, with both values.
std::string differences(const Outcome& one, const Outcome& other) {
  std::string text;
  for (std::size_t a = 0; a < one.counters.size(); ++a) {
    for (std::size_t i = 0; i < one.counters[a].size(); ++i) {
      if (one.counters[a][i] == other.counters[a][i]) continue;
      text += fmt::format("array {}, {}: {} and {}; ", a, registers::kCounters[i].name,
                          one.counters[a][i], other.counters[a][i]);
    }
  }
  return text;
}

using enum CellKind;

struct Memory {
  std::size_t arrays;
  double bytes_per_cycle;
  MemoryPolicy policy;
  Arbitration arbitration;
};

void PrintTo(const Memory& memory, std::ostream* stream) {
  *stream << memory.arrays << " arrays, " << memory.bytes_per_cycle << " bytes a cycle";
}

std::string name_of(const testing::TestParamInfo<Memory>& info) {
  return fmt::format("arrays_{}_bytes_{}", info.param.arrays, info.param.bytes_per_cycle);
}

class PlatformMemories : public testing::TestWithParam<Memory> {};

// One network after the other on models and on Verilog: codes and all counters, and the cycle in
// which the software is done.
TEST_P(PlatformMemories, ModelsAreAsFastAsTheVerilog) {
  const auto [arrays, rate, policy, arbitration] = GetParam();
  PlatformOptions options = small_platform(std::vector(arrays, model));
  options.dram.bytes_per_cycle = rate;
  options.dram.policy = policy;
  options.interconnect.arbitration = arbitration;
  options.interconnect.bytes_per_cycle = 2 * rate;
  int compared = 0;
  for (unsigned seed = 0; seed < 12 / arrays + 1; ++seed) {
    SCOPED_TRACE(seed);
    const auto work = random_work(1000 * static_cast<unsigned>(arrays) + seed, arrays);
    if (!work) continue;
    options.cells.assign(arrays, model);
    const Outcome models = run(options, *work);
    EXPECT_EQ(models.codes, work->expected);
    options.cells.assign(arrays, rtl);
    const Outcome verilog = run(options, *work);
    EXPECT_EQ(verilog.codes, work->expected);
    EXPECT_EQ(differences(models, verilog), "");
    EXPECT_EQ(models.statistics.cycles, verilog.statistics.cycles);
    EXPECT_EQ(models.statistics.dram.row_hits, verilog.statistics.dram.row_hits);
    // Any array can be the real one.
    if (arrays > 1) {
      options.cells[0] = model;
      EXPECT_EQ(differences(run(options, *work), models), "");
    }
    ++compared;
  }
  EXPECT_GT(compared, 2);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlatformMemories,
    testing::Values(Memory{1, 16, MemoryPolicy::row_first, Arbitration::round_robin},
                    Memory{1, 1, MemoryPolicy::first_come, Arbitration::round_robin},
                    Memory{2, 8, MemoryPolicy::row_first, Arbitration::fixed_priority},
                    Memory{4, 2, MemoryPolicy::row_first, Arbitration::round_robin}),
    name_of);

// Twin: other hardware, or another memory, is not as fast.
TEST(PlatformTwin, OtherHardwareIsNotAsFast) {
  const auto work = random_work(4, 1);
  ASSERT_TRUE(work);
  const PlatformOptions options = small_platform({rtl});
  const Outcome verilog = run(options, *work);
  const auto differs = [&](auto&& change) {
    PlatformOptions other = small_platform({model});
    change(other);
    return !differences(run(other, *work), verilog).empty();
  };
  EXPECT_FALSE(differs([](PlatformOptions&) {}));
  EXPECT_TRUE(differs([](PlatformOptions& o) { o.shell.burst_beats = 8; }));
  EXPECT_TRUE(differs([](PlatformOptions& o) { o.shell.landing_beats = 16; }));
  EXPECT_TRUE(differs([](PlatformOptions& o) { o.dram.access += 1; }));
  EXPECT_TRUE(differs([](PlatformOptions& o) { o.dram.refresh_interval /= 4; }));
  EXPECT_TRUE(differs([](PlatformOptions& o) { o.interconnect.latency += 1; }));
}

// A memory without banks whose answers come 11 cycles after their requests is that of
// predict_cycles, which knows nothing of SystemC; but the interconnect takes one request a cycle of
// an array that begins a read and ends a write, and each that waits for that is at most a cycle
// late.
TEST(Platform, AMemoryWithoutBanksIsThatOfTheCycleModel) {
  PlatformOptions options = small_platform({model});
  options.interconnect = {.latency = 1, .bytes_per_cycle = 4096};
  options.dram.banks = 0;
  options.dram.access = 7;
  int equal = 0;
  int late = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    const auto work = random_work(seed, 1);
    if (!work) continue;
    const CycleReport predicted = predict_cycles(work->lowered.program, {.latency = 11});
    const Outcome found = run(options, *work);
    const std::uint64_t cycles = found.counters[0][0];
    const std::uint64_t queued = found.statistics.queued_requests;
    EXPECT_LE(static_cast<std::uint64_t>(predicted.cycles()), cycles);
    EXPECT_LE(cycles, static_cast<std::uint64_t>(predicted.cycles()) + queued);
    if (queued == 0) {
      EXPECT_EQ(found.counters[0], predicted.counters);
      ++equal;
    } else if (cycles > static_cast<std::uint64_t>(predicted.cycles())) {
      ++late;
    }
  }
  EXPECT_GT(equal, 80);
  EXPECT_GT(late, 0);
}

TEST(Platform, TheSameBytesTheSameCycles) {
  const auto work = random_work(3, 3);
  ASSERT_TRUE(work);
  PlatformOptions options = small_platform({model, rtl, model});
  options.dram.bytes_per_cycle = 3;
  const Outcome first = run(options, *work);
  const Outcome second = run(options, *work);
  EXPECT_EQ(differences(first, second), "");
  EXPECT_EQ(first.statistics.cycles, second.statistics.cycles);
  EXPECT_EQ(first.statistics.waited_cycles, second.statistics.waited_cycles);
  EXPECT_EQ(first.codes, second.codes);
}

TEST(Platform, WithoutDataTimeIsTheSame) {
  for (const unsigned seed : {0U, 4U, 13U}) {
    const auto work = random_work(seed, 2);
    ASSERT_TRUE(work);
    PlatformOptions options = small_platform({model, model});
    const Outcome with = run(options, *work);
    options.data = false;
    const Outcome without = run(options, *work);
    EXPECT_EQ(differences(with, without), "");
    EXPECT_NE(without.codes, work->expected);  // and nothing is computed
  }
}

// Every kind of cell and shape of array, with their data.
TEST(Platform, ResultsOfOtherAccelerators) {
  int compared = 0;
  for (unsigned seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    test::Draw draw(seed);
    AcceleratorParameters parameters = test::random_accelerator(draw);
    parameters.kind = seed % 3 == 0 ? ElementKind::lut : ElementKind::log;
    parameters.weight_rows = 2 * parameters.rows;
    const auto work = random_work(seed, 1, parameters);
    if (!work) continue;
    PlatformOptions options = small_platform({model});
    options.accelerator = parameters;
    EXPECT_EQ(run(options, *work).codes, work->expected);
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

// A request that the interconnect loses is found, and the report says who waits for what.
TEST(PlatformHang, ALostRequestIsNamed) {
  const auto work = random_work(4, 1);
  ASSERT_TRUE(work);
  for (const CellKind cell : {model, rtl}) {
    PlatformOptions options = small_platform({cell});
    options.patience = 20'000;
    options.interconnect.drop_request = 9;
    test::expect_error(ErrorKind::timeout,
                       {"deadlock: nothing has gone on since cycle", "array0: ",
                        "reads not answered (first: 0x", "requests taken", "memory: 0 requests"},
                       [&] { run(options, *work); });
  }
}

// A bit that is flipped on the way is found, by the model itself, or by the results.
TEST(PlatformTwin, AFlippedBitIsFound) {
  const auto work = random_work(4, 1);
  ASSERT_TRUE(work);
  PlatformOptions options = small_platform({model});
  options.interconnect.flip_request = 26;
  test::expect_error(ErrorKind::mismatch, {"array0, ", "that command ", "are not those"},
                     [&] { run(options, *work); });
  options.cells = {rtl};
  try {
    EXPECT_NE(run(options, *work).codes, work->expected);
  } catch (const Error& error) {  // a command was hit
    EXPECT_EQ(error.kind(), ErrorKind::device);
  }
}

TEST(Platform, RefusesWhatItCannotBe) {
  const auto expect_usage = [](std::string_view message, auto&& change) {
    PlatformOptions options = small_platform({model});
    change(options);
    test::expect_error(ErrorKind::usage, {std::string(message)},
                       [&] { Platform platform(options, products()); });
  };
  expect_usage("the number of arrays is 0", [](PlatformOptions& o) { o.cells.clear(); });
  expect_usage("memory bytes_per_cycle is nan",
               [](PlatformOptions& o) { o.dram.bytes_per_cycle = std::nan(""); });
  expect_usage("memory bytes_per_cycle is -1",
               [](PlatformOptions& o) { o.dram.bytes_per_cycle = -1; });
  expect_usage("interconnect latency is 0", [](PlatformOptions& o) { o.interconnect.latency = 0; });
  expect_usage("memory queue is 0", [](PlatformOptions& o) { o.dram.queue = 0; });
  expect_usage("memory banks is -8", [](PlatformOptions& o) { o.dram.banks = -8; });
  expect_usage("memory refresh_interval is 64",
               [](PlatformOptions& o) { o.dram.refresh_interval = 64; });
  expect_usage("rows is 3", [](PlatformOptions& o) { o.accelerator.rows = 3; });
  expect_usage("no Verilated accelerator is 4x4 log", [](PlatformOptions& o) { o.cells = {rtl}; });
}

// What software does wrong leaves the platform as it left the device.
TEST(Platform, ErrorsOfSoftwareComeOut) {
  const auto work = random_work(4, 1);
  ASSERT_TRUE(work);
  PlatformOptions options = small_platform({model});
  options.dram.bytes = 4096;
  test::expect_error(ErrorKind::device, {"are not within the memory of the array"},
                     [&] { run(options, *work); });
  options = small_platform({model});
  options.accelerator.lanes = 2;
  test::expect_error(ErrorKind::usage, {"the program was made for"}, [&] { run(options, *work); });
  Work refused = *work;
  ConvolutionPass wide;
  wide.channels = 5;  // of 4 columns
  wide.geometry.ring_size = 1;
  refused.lowered.program.commands.insert(refused.lowered.program.commands.begin(), {{}, wide});
  for (const CellKind cell : {model, rtl}) {
    test::expect_error(ErrorKind::device, {"command 0 (CONVOLVE)", "refuses it with code 3"},
                       [&] { run(small_platform({cell}), refused); });
  }
  const Platform::Software quiet = [](std::size_t, Device& device) {
    EXPECT_FALSE(device.wait(1000));
  };
  for (const CellKind cell : {model, rtl}) {
    Platform platform(small_platform({cell}), products(), make_accelerator_pins);
    platform.run(quiet);
    EXPECT_GE(platform.statistics().cycles, 1000U);
    EXPECT_LE(platform.statistics().cycles, 1001U);
  }
}

// For scripts/check-leaks --planted-leak: what it must find.
TEST(PlatformLeak, DISABLED_IsPlanted) {
  Platform platform(small_platform({model}), products());
  platform.run([](std::size_t, Device&) {
    void* volatile lost = ::operator new(12345);
    EXPECT_NE(lost, nullptr);
    lost = nullptr;
  });
}

}  // namespace
}  // namespace mbm
