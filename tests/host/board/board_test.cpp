// The virtual boards through their serial line: the link on a bad line, the bring-up ladder and
// what it finds when a part is broken, networks in pieces, a line that goes away.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "host/board/ladder.hpp"
#include "host/board/simulated_line.hpp"
#include "host/board/windowed_device.hpp"
#include "tests/cmodel/array/random_network.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

constexpr LinkOptions kQuick{.quiet = std::chrono::microseconds(200)};

struct Board {
  explicit Board(const std::string& name, const LineNoise& noise = {})
      : line(name, noise), link(line, kQuick), device(link) {}

  SimulatedLine line;
  BoardLink link;
  SerialDevice device;
};

std::string verdicts(const std::vector<StepResult>& results) {
  std::string text;
  for (const StepResult& step : results) {
    text += fmt::format("{}: {} ({})\n", step.name, static_cast<int>(step.verdict), step.detail);
  }
  return text;
}

TEST(BoardLink, WordsComeBackOverABadLine) {
  Board board("hx8k", {.corrupted = 0.001, .lost = 0.001, .seed = 7});
  for (std::uint32_t i = 0; i < 100; ++i) {
    std::vector<std::uint32_t> words(i % (kMostFrameWords + 1));
    for (std::size_t w = 0; w < words.size(); ++w) {
      words[w] = 0x5aa55a00U + i + static_cast<std::uint32_t>(w) * 0x01000193U;  // full of marks
    }
    ASSERT_EQ(board.device.echo(words), words) << i;
  }
  EXPECT_GT(board.link.statistics().repetitions, 5U);
  EXPECT_GT(board.line.noise().corrupted(), 5U);
  EXPECT_GT(board.line.noise().lost(), 5U);
}

// A write that is repeated because its answer was lost is done once: a start that were done twice
// would be refused, since the first one is under way.
TEST(BoardLink, ARepeatedWriteIsDoneOnce) {
  Board board("hx8k", {.corrupted = 0.004, .lost = 0.004, .seed = 3});
  board.device.write_register(registers::kInterruptEnable, 3);
  for (int i = 0; i < 150; ++i) {
    board.device.write_register(registers::kInterruptStatus, 3);
    board.device.write_register(registers::kControl, 1);
    ASSERT_TRUE(board.device.wait(1'000'000)) << i;
    EXPECT_EQ(board.device.read_register(registers::kInterruptStatus), 1U);
  }
  EXPECT_GT(board.link.statistics().repetitions, 20U);
}

TEST(BoardLink, GarbageBeforeAFrameDoesNotMatter) {
  Board board("hx8k");
  for (int i = 1; i < 40; ++i) {
    std::vector<std::uint8_t> garbage(static_cast<std::size_t>(i), 0x5a);
    garbage.back() = static_cast<std::uint8_t>(i);
    board.line.write(garbage);
    board.device.write_register(registers::kScratch, static_cast<std::uint32_t>(i));
    ASSERT_EQ(board.device.read_register(registers::kScratch), static_cast<std::uint32_t>(i));
  }
}

TEST(BoardLink, ALineThatIsGoneIsAnErrorAndTheNextRunWorks) {
  Board board("hx8k");
  board.device.write_register(registers::kScratch, 1);
  board.line.unplug();
  test::expect_error(ErrorKind::device, {"sim:hx8k: the line is gone"},
                     [&] { board.device.read_register(registers::kScratch); });
  Board again("hx8k");
  EXPECT_EQ(again.device.read_register(registers::kId), 0x6d626d31U);
}

TEST(BoardLink, ASilentLineEndsInATimeout) {
  SimulatedLine line("hx8k", {.corrupted = 0, .lost = 1.0, .seed = 1});
  test::expect_error(ErrorKind::device, {"no good answer to 3 attempts"}, [&] {
    BoardLink link(line, {.attempts = 3, .patience = std::chrono::milliseconds(10)});
  });
}

TEST(BoardDevice, RefusesWhatIsNotThere) {
  Board board("hx8k");
  EXPECT_FALSE(board.device.try_read_register(0x008));
  EXPECT_FALSE(board.device.try_read_register(0x188));
  EXPECT_FALSE(board.device.try_read_register(0x820));
  EXPECT_FALSE(board.device.try_write_register(registers::kId, 1));
  EXPECT_FALSE(board.device.try_write_register(0x800, 1));
  std::vector<std::uint8_t> bytes(8);
  test::expect_error(ErrorKind::device, {"not within"}, [&] { board.device.read(4092, bytes); });
  test::expect_error(ErrorKind::device, {"not within"},
                     [&] { board.device.write(1U << 31, bytes); });
}

TEST(BoardDevice, BytesAtAnyAddress) {
  Board board("icebreaker");
  std::vector<std::uint8_t> model(300);
  test::Draw draw(5);
  board.device.write(0, model);
  for (int i = 0; i < 60; ++i) {
    const auto place = static_cast<std::size_t>(draw(0, 200));
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(draw(1, 99)));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(draw(0, 255));
    std::ranges::copy(bytes, model.begin() + static_cast<std::ptrdiff_t>(place));
    board.device.write(place, bytes);
    std::vector<std::uint8_t> back(static_cast<std::size_t>(draw(1, 99)));
    const auto from = static_cast<std::size_t>(draw(0, 200));
    board.device.read(from, back);
    ASSERT_TRUE(
        std::equal(back.begin(), back.end(), model.begin() + static_cast<std::ptrdiff_t>(from)));
  }
}

void expect_all_steps(bool quick) {
  for (const std::string name : {"hx8k", "icebreaker"}) {
    Board board(name);
    const std::vector<StepResult> results = run_ladder(board.device, {.quick = quick}, {});
    EXPECT_EQ(results.size(), ladder_steps().size()) << verdicts(results);
    for (const StepResult& step : results) {
      const bool absent = name == "hx8k" && step.name == "product table";
      EXPECT_EQ(step.verdict, absent ? Verdict::skipped : Verdict::passed)
          << step.name << ": " << step.detail;
    }
  }
}

TEST(BoardLadder, EveryStepPassesOnBothBoards) {
  expect_all_steps(true);
}

TEST(BoardLadderSlow, EveryStepPassesWithAllProducts) {
  expect_all_steps(false);
}

// --- planted faults

// A device whose answers and memory a fault falsifies.
class FaultyDevice : public SerialDevice {
 public:
  using SerialDevice::SerialDevice;

  std::function<std::uint32_t(std::uint32_t address, std::uint32_t value)> on_read;
  std::function<bool(std::uint32_t address, std::uint32_t value)> drops_write;
  std::function<std::uint64_t(std::uint64_t address)> on_address;
  std::function<void(std::uint64_t address, std::span<std::uint8_t> bytes)> on_data;
  std::function<void(std::span<std::uint8_t> bytes)> on_fetch;  // what is read from the memory
  std::function<void(std::vector<std::uint32_t>& words)> on_echo;
  bool interrupt_broken = false;

  std::uint32_t read_register(std::uint32_t address) override {
    const std::uint32_t value = SerialDevice::read_register(address);
    return on_read ? on_read(address, value) : value;
  }
  void write_register(std::uint32_t address, std::uint32_t value) override {
    if (drops_write && drops_write(address, value)) return;
    SerialDevice::write_register(address, value);
  }
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
    if (on_data) on_data(address, data);
    SerialDevice::write(on_address ? on_address(address) : address, data);
  }
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override {
    SerialDevice::read(on_address ? on_address(address) : address, bytes);
    if (on_fetch) on_fetch(bytes);
  }
  std::vector<std::uint32_t> echo(std::span<const std::uint32_t> words) override {
    std::vector<std::uint32_t> back = SerialDevice::echo(words);
    if (on_echo) on_echo(back);
    return back;
  }
  bool wait(std::uint64_t cycles) override {
    return !interrupt_broken && SerialDevice::wait(cycles);
  }
};

using Fault = std::function<void(FaultyDevice&)>;

void expect_end(const std::vector<StepResult>& results, const std::string& step) {
  EXPECT_EQ(results.back().name, step) << verdicts(results);
  EXPECT_EQ(results.back().verdict, Verdict::failed) << verdicts(results);
  EXPECT_FALSE(results.back().hint.empty());
}

// The step that a ladder on a board with the fault ends at.
void expect_step(const std::string& board, const std::string& step, const Fault& plant,
                 const LadderOptions& options = {.quick = true}) {
  SimulatedLine line(board, {});
  BoardLink link(line, kQuick);
  FaultyDevice device(link);
  plant(device);
  expect_end(run_ladder(device, options, {}), step);
}

// As expect_step, of a fault in what no step before it uses: it comes when step `before` is done.
void expect_step_after(const std::string& board, const std::string& before, const std::string& step,
                       const Fault& plant) {
  SimulatedLine line(board, {});
  BoardLink link(line, kQuick);
  FaultyDevice device(link);
  expect_end(run_ladder(device, {.quick = true},
                        [&](const StepResult& result) {
                          if (result.name == before) plant(device);
                        }),
             step);
}

// Writes to the memory that are no commands: operands, parameters.
bool is_data(std::uint64_t address) {
  return address != 0;
}

TEST(BoardLadderTwin, ADeadLineFails) {
  SimulatedLine line("hx8k", {});
  BoardLink link(line, kQuick);
  FaultyDevice device(link);
  line.unplug();
  const std::vector<StepResult> results = run_ladder(device, {.quick = true}, {});
  expect_end(results, "link");
  EXPECT_EQ(results.back().kind, ErrorKind::device);
}

TEST(BoardLadderTwin, WordsThatComeBackWrongFail) {
  expect_step("hx8k", "echo", [](FaultyDevice& device) {
    device.on_echo = [](std::vector<std::uint32_t>& words) { std::swap(words[0], words[1]); };
  });
}

TEST(BoardLadderTwin, WrongIdentityFails) {
  expect_step("hx8k", "identity", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kId ? value ^ 1U : value;
    };
  });
}

TEST(BoardLadderTwin, WrongBoardFails) {
  expect_step("hx8k", "identity", [](FaultyDevice&) {}, {.board = "ICEB"});
}

TEST(BoardLadderTwin, WrongVersionOfTheBridgeFailsWithBothValues) {
  SimulatedLine line("hx8k", {});
  BoardLink link(line, kQuick);
  FaultyDevice device(link);
  device.on_read = [](std::uint32_t address, std::uint32_t value) {
    return address == board_registers::kVersion ? 0x00030000U : value;
  };
  test::expect_error(ErrorKind::device, {"bridge of version 3 found, 1 expected"},
                     [&] { probe_board(device, ""); });
}

TEST(BoardLadderTwin, WrongParameterFails) {
  expect_step("hx8k", "identity", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kRows ? 3 : value;
    };
  });
}

TEST(BoardLadderTwin, AStuckBitOfARegisterFails) {
  expect_step("hx8k", "scratch register", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kScratch ? value & ~0x200U : value;
    };
  });
}

TEST(BoardLadderTwin, AWrongResetValueFails) {
  expect_step("hx8k", "reset values", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kWatchdog ? value + 1 : value;
    };
  });
}

TEST(BoardLadderTwin, ABrokenInterruptFails) {
  expect_step("hx8k", "interrupt", [](FaultyDevice& device) { device.interrupt_broken = true; });
}

TEST(BoardLadderTwin, AStuckAddressLineFails) {
  expect_step("hx8k", "memory", [](FaultyDevice& device) {
    device.on_address = [](std::uint64_t address) { return address & ~std::uint64_t{0x400}; };
  });
}

TEST(BoardLadderTwin, AStuckDataBitOfTheMemoryFails) {
  expect_step("hx8k", "memory", [](FaultyDevice& device) {
    device.on_data = [](std::uint64_t, std::span<std::uint8_t> bytes) {
      for (std::uint8_t& byte : bytes) byte |= 0x08;
    };
  });
}

TEST(BoardLadderTwin, AFlippedBitOfTheTableFails) {
  expect_step("icebreaker", "product table", [](FaultyDevice& device) {
    // Pieces of a table fill the window: commands, then entries up to its end.
    device.on_data = [loads = 0](std::uint64_t address, std::span<std::uint8_t> bytes) mutable {
      if (address != 0 && bytes.size() > 1500 && ++loads == 5) bytes[100] ^= 1;
    };
  });
}

TEST(BoardLadderTwin, AStuckAddressLineOfAScratchpadFails) {
  expect_step_after("hx8k", "memory", "scratchpads", [](FaultyDevice& device) {
    // Element 3 is where element 2 is.
    device.on_fetch = [](std::span<std::uint8_t> bytes) {
      if (bytes.size() >= 8) std::copy_n(bytes.begin() + 4, 2, bytes.begin() + 6);
    };
  });
}

// Every program loads the table anew.
TEST(BoardLadderTwin, AStuckDataLineOfTheTableAfterItsCheckFails) {
  expect_step_after("icebreaker", "product table", "products", [](FaultyDevice& device) {
    device.on_data = [](std::uint64_t address, std::span<std::uint8_t> bytes) {
      if (!is_data(address) || bytes.size() < 1500) return;
      for (std::size_t i = 1; i < bytes.size(); i += 2) bytes[i] |= 1;
    };
  });
}

TEST(BoardLadderTwin, AClampThatIsOneOffFails) {
  expect_step_after("hx8k", "products", "saturation", [](FaultyDevice& device) {
    // -255 becomes -256.
    device.on_fetch = [](std::span<std::uint8_t> bytes) {
      for (std::size_t i = 1; i < bytes.size(); i += 2) {
        if (bytes[i] == 0xff && bytes[i - 1] == 0x01) bytes[i - 1] = 0;
      }
    };
  });
}

TEST(BoardLadderTwin, AStuckBitOfTheOperandsFails) {
  expect_step_after("hx8k", "saturation", "tile", [](FaultyDevice& device) {
    device.on_data = [](std::uint64_t address, std::span<std::uint8_t> bytes) {
      if (!is_data(address)) return;
      for (std::size_t i = 0; i < bytes.size(); i += 2) bytes[i] |= 0x40;
    };
  });
}

TEST(BoardLadderTwin, OneWrongResultOfALayerFails) {
  expect_step_after("hx8k", "tile", "layer", [](FaultyDevice& device) {
    device.on_fetch = [](std::span<std::uint8_t> bytes) {
      if (bytes.size() > 100) bytes[100] ^= 1;
    };
  });
}

TEST(BoardLadderTwin, AnErrorThatIsNotReportedFails) {
  expect_step("hx8k", "bad address", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kStatus ? value & ~0xff04U : value;
    };
  });
}

TEST(BoardLadderTwin, AnErrorOfAnotherCodeFails) {
  expect_step("hx8k", "bad opcode", [](FaultyDevice& device) {
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      const bool opcode = address == registers::kStatus &&
                          (value >> 8) == static_cast<std::uint32_t>(registers::Error::opcode);
      return opcode ? value + 0x100U : value;
    };
  });
}

TEST(BoardLadderTwin, AWatchdogThatDoesNotBiteFails) {
  expect_step("hx8k", "watchdog", [](FaultyDevice& device) {
    device.drops_write = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kWatchdog && value == 5000;
    };
    device.on_read = [](std::uint32_t address, std::uint32_t value) {
      return address == registers::kStatus && (value >> 8) == 5 ? 0 : value;
    };
  });
}

TEST(BoardLadderTwin, AResetThatDoesNothingUnderLoadFails) {
  expect_step("hx8k", "reset under load", [](FaultyDevice& device) {
    device.drops_write = [starving = false](std::uint32_t address, std::uint32_t value) mutable {
      if (address == registers::kWatchdog) starving = value == 0;
      return starving && address == registers::kControl && value == 2;
    };
  });
}

// --- networks

// The operations of compact boards.
bool only_convolutions_and_pools(const IntegerNetwork& network) {
  return std::ranges::all_of(network.nodes, [](const IntegerNode& node) {
    return std::holds_alternative<IntegerConvolution>(node.operation) ||
           std::holds_alternative<IntegerMaxPool>(node.operation);
  });
}

// Cycles are the board's own; the work they are spent on is what the model of the whole accelerator
// predicts, whose POSITIONS also count the taps of MAXIMUM.
void expect_work_of_the_model(const CounterValues& found, const AcceleratorProgram& program) {
  const CounterValues predicted = predict_cycles(program).counters;
  const bool pools = std::ranges::any_of(program.commands, [](const Command& command) {
    return std::holds_alternative<Maximum>(command.operation);
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    const registers::Counter& counter = registers::kCounters[i];
    const bool positions = counter.address == registers::counter::kPositions.address;
    if (counter.address != registers::counter::kTiles.address && (!positions || pools)) continue;
    EXPECT_EQ(found[i], predicted[i]) << counter.name;
  }
  EXPECT_GT(found[0], predicted[0]);  // a compact board does nothing at the same time
}

int compare_networks(Board& board, unsigned first, unsigned end, int nodes) {
  const BoardState state = probe_board(board.device, "");
  const ProductTable table = board_table(state.parameters, "mbm");
  ReferenceEngine engine;
  int compared = 0;
  for (unsigned seed = first; seed < end; ++seed) {
    SCOPED_TRACE(seed);
    test::RandomNetwork random(seed, nodes);
    const IntegerNetwork& network = random.network();
    if (network.nodes.empty() || !only_convolutions_and_pools(network)) continue;
    const Codes input =
        test::random_codes(network.tensors[0].count(), network.tensors[0].format, random.draw());
    const auto lowered = test::lower_if_it_fits(network, state.parameters, table);
    if (!lowered) continue;
    WindowedDevice windowed(board.device, state.parameters,
                            static_cast<std::int64_t>(state.identity.memory_bytes));
    AcceleratorDriver driver(windowed);
    driver.load(lowered->program);
    EXPECT_EQ(run_on_device(driver, *lowered, {input}, 1),
              run_integer_network(network, {input}, 1, table, engine));
    expect_work_of_the_model(driver.counters(), lowered->program);
    ++compared;
  }
  return compared;
}

TEST(BoardNetworks, CodesAreTheExecutors) {
  Board board("hx8k");
  EXPECT_GE(compare_networks(board, 1000, 1040, 2), 3);
}

TEST(BoardNetworks, AlsoOverABadLineThroughATable) {
  Board board("icebreaker", {.corrupted = 0.001, .lost = 0.001, .seed = 11});
  EXPECT_GE(compare_networks(board, 1, 8, 1), 1);
  EXPECT_GT(board.link.statistics().repetitions, 0U);
}

// Results are a quarter of the sums.
Requantization quarters(std::size_t channels) {
  Requantization requantization;
  requantization.channels.assign(channels, {0, 1, 1, 2});
  requantization.lowest = -255;
  requantization.highest = 255;
  return requantization;
}

// Cycles are those of the program alone, whatever the line does: a board's can be held against
// those of the virtual one.
TEST(BoardNetworks, CyclesDoNotDependOnTheLine) {
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 4;
  problem.input_height = problem.input_width = 6;
  problem.kernel_height = problem.kernel_width = 3;
  const Requantization requantization = quarters(4);
  const auto network =
      convolution_network("layer", problem, std::vector<std::int16_t>(144, 3), requantization);
  const auto counted = [&](const LineNoise& noise) {
    Board board("hx8k", noise);
    const BoardState state = probe_board(board.device, "HX8K");
    const ProductTable table = board_table(state.parameters, "mbm");
    const LoweredNetwork lowered = lower_network(network, state.parameters, table);
    WindowedDevice windowed(board.device, state.parameters, state.identity.memory_bytes);
    AcceleratorDriver driver(windowed);
    driver.load(lowered.program);
    run_on_device(driver, lowered, {Codes(144, 9)}, 1);
    expect_work_of_the_model(driver.counters(), lowered.program);
    return driver.counters();
  };
  const CounterValues clean = counted({});
  EXPECT_GT(clean[0], 0U);
  EXPECT_EQ(counted({.corrupted = 0.005, .lost = 0.005, .seed = 5}), clean);
}

TEST(BoardNetworksTwin, AnotherWeightGivesOtherCodes) {
  Board board("hx8k");
  const BoardState state = probe_board(board.device, "HX8K");
  const ProductTable table = board_table(state.parameters, "mbm");
  ConvolutionProblem problem;
  problem.input_channels = problem.output_channels = 2;
  problem.input_height = problem.input_width = 4;
  const Requantization requantization = quarters(2);
  const auto run = [&](std::vector<std::int16_t> weights) {
    const auto network = convolution_network("layer", problem, std::move(weights), requantization);
    const LoweredNetwork lowered = lower_network(network, state.parameters, table);
    WindowedDevice windowed(board.device, state.parameters, 4096);
    AcceleratorDriver driver(windowed);
    driver.load(lowered.program);
    return run_on_device(driver, lowered, {Codes(32, 9)}, 1);
  };
  EXPECT_NE(run({1, 2, 3, 4}), run({1, 2, 3, 40}));
}

}  // namespace
}  // namespace mbm
