// The shell of the accelerator, around a stand-in of its core, against a sequential description of
// its commands; its errors, resets, counters and registers.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "testbench/shell_bench.hpp"
#include "tests/rtl/shell_job.hpp"

namespace mbm {
namespace {

using registers::Error;
using test::pick;
using test::random_job;
using test::ShellJob;

constexpr std::uint64_t kPatience = 2'000'000;  // cycles

constexpr std::uint32_t bit(const registers::Field& field) {
  return 1U << field.lsb;
}

std::uint32_t status(SimulatedDevice& device) {
  return device.read_register(registers::kStatus);
}

bool has(std::uint32_t value, const registers::Field& field) {
  return (value >> field.lsb & 1U) != 0;
}

Error error_code(std::uint32_t value) {
  return static_cast<Error>(value >> 8 & 0xff);
}

std::uint64_t counter(SimulatedDevice& device, const registers::Counter& one) {
  return device.read_register(one.address) | std::uint64_t{device.read_register(one.address + 4)}
                                                 << 32;
}

void start(SimulatedDevice& device, const ShellJob& job) {
  device.write_register(registers::kInterruptEnable, 3);
  device.write_register(registers::kCommandBase, test::kCommandBase);
  device.write_register(registers::kCommandCount,
                        static_cast<std::uint32_t>(job.commands().size()));
  device.write_register(registers::kControl, bit(registers::control::kStart));
}

// Number of bytes that differ from what the job must leave, and the first.
testing::AssertionResult memory_is(SimulatedDevice& device, const ShellJob& job) {
  const std::vector<std::uint8_t> want = job.expected();
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (device.memory().bytes()[i] != want[i]) {
      return testing::AssertionFailure()
             << fmt::format("byte 0x{:04x} is 0x{:02x}, expected 0x{:02x}", i,
                            device.memory().bytes()[i], want[i]);
    }
  }
  return testing::AssertionSuccess();
}

// Runs a job to its end and compares all of memory.
void run_and_compare(SimulatedDevice& device, const ShellJob& job) {
  job.place(device);
  start(device, job);
  ASSERT_TRUE(device.wait(kPatience)) << fmt::format("status 0x{:x}", status(device));
  const std::uint32_t state = status(device);
  EXPECT_TRUE(has(state, registers::status::kDone)) << fmt::format("status 0x{:x}", state);
  EXPECT_FALSE(has(state, registers::status::kBusy));
  EXPECT_FALSE(has(state, registers::status::kError));
  EXPECT_EQ(error_code(state), Error::none);
  EXPECT_TRUE(device.memory().idle());
  EXPECT_TRUE(memory_is(device, job));
  device.write_register(registers::kInterruptStatus, 3);
  EXPECT_FALSE(device.interrupt());
}

void soft_reset(SimulatedDevice& device) {
  device.write_register(registers::kControl, bit(registers::control::kReset));
  for (int i = 0; has(status(device), registers::status::kBusy); ++i) ASSERT_LT(i, 10000);
}

AxiMemoryOptions ideal() {
  return {.bytes = test::kMemoryBytes};
}

AxiMemoryOptions stalled(double probability, std::uint32_t seed) {
  AxiMemoryOptions options = ideal();
  options.stalls = {probability, probability, probability, probability, probability};
  options.seed = seed;
  return options;
}

class Shell : public testing::TestWithParam<std::size_t> {
 protected:
  const ShellBench& bench() const { return shell_benches()[GetParam()]; }
  std::unique_ptr<SimulatedDevice> make(const AxiMemoryOptions& options,
                                        RegisterPortOptions port = {}) const {
    return bench().make(options, port);
  }
  ShellJob job(unsigned seed, int rounds) const {
    return random_job(bench().columns, seed, rounds);
  }
  // One of every unit's commands.
  ShellJob short_job() const {
    ShellJob job(bench().columns, 5);
    job.load_activations(test::kDataBase + 3, 40, 2, 37, registers::Format::int8, 100, 37);
    job.load_weights(test::kDataBase + 0x400, 3, registers::Format::int8);
    job.load_parameters(test::kDataBase + 0x800, 2, 1);
    job.copy(74, 100, 10, 3);
    job.copy_parameters(1, 2, 200);
    job.store(test::kResultBase + 5, 50, 2, 37, registers::Format::int8, 10, 37);
    job.store(test::kResultBase + 0x400, 0, 1, 16, registers::Format::code16, 200, 0);
    return job;
  }
};

TEST_P(Shell, RandomJobsOnIdealMemory) {
  const auto device = make(ideal());
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    run_and_compare(*device, job(seed, 12));
    if (HasFailure()) return;
  }
}

TEST_P(Shell, RandomJobsOnStalledMemory) {
  unsigned seed = 100;
  for (const double probability : {0.1, 0.5, 0.9}) {
    for (const int latency : {1, 37}) {
      AxiMemoryOptions options = stalled(probability, ++seed);
      options.latency = latency;
      const auto device = make(options, {.pause = probability / 2, .seed = seed});
      SCOPED_TRACE(fmt::format("seed {}, stalls {}, latency {}", seed, probability, latency));
      for (unsigned i = 0; i < 3; ++i) run_and_compare(*device, job(10 * seed + i, 8));
      if (HasFailure()) return;
      EXPECT_LE(device->memory().statistics().most_reads, 4);  // Outstanding of the bench
      EXPECT_LE(device->memory().statistics().most_writes, 4);
    }
  }
}

// Each channel alone.
TEST_P(Shell, EveryChannelStalled) {
  const ShellJob work = job(77, 8);
  for (const double probability : {0.1, 0.5, 0.9}) {
    for (int channel = 0; channel < 5; ++channel) {
      AxiMemoryOptions options = ideal();
      options.seed = static_cast<std::uint32_t>(channel) + 1;
      (channel == 0   ? options.stalls.ar
       : channel == 1 ? options.stalls.r
       : channel == 2 ? options.stalls.aw
       : channel == 3 ? options.stalls.w
                      : options.stalls.b) = probability;
      SCOPED_TRACE(fmt::format("channel {}, probability {}", channel, probability));
      run_and_compare(*make(options), work);
      if (HasFailure()) return;
    }
  }
}

TEST_P(Shell, NarrowMemory) {
  AxiMemoryOptions options = ideal();
  options.bytes_per_cycle = 1.5;
  options.latency = 9;
  run_and_compare(*make(options), job(78, 8));
}

TEST_P(Shell, AFlippedByteIsFound) {
  const auto device = make(ideal());
  const ShellJob work = short_job();
  work.place(*device);
  device->memory().bytes()[test::kDataBase + 3 + 20] ^= 1;  // an activation
  start(*device, work);
  ASSERT_TRUE(device->wait(kPatience));
  device->memory().bytes()[test::kDataBase + 3 + 20] ^= 1;
  EXPECT_FALSE(memory_is(*device, work));
}

TEST_P(Shell, CausesAddUpToAllCycles) {
  for (const double probability : {0.0, 0.7}) {
    const auto device = make(stalled(probability, 3));
    const ShellJob work = job(9, 6);
    const AxiMemory::Statistics before = device->memory().statistics();
    run_and_compare(*device, work);
    device->write_register(registers::kControl, bit(registers::control::kSnapshot));
    std::uint64_t causes = 0;
    for (const registers::Counter& one : registers::kCounters) {
      if (one.cause >= 0) causes += counter(*device, one);
    }
    using namespace registers::counter;
    EXPECT_GT(causes, 0U);
    EXPECT_EQ(causes, counter(*device, kCycles));
    EXPECT_GT(counter(*device, kCompute), 0U);
    EXPECT_EQ(counter(*device, kCompute), counter(*device, kPositions));
    EXPECT_GT(counter(*device, kBusData), 0U);
    EXPECT_GT(counter(*device, kDrain), 0U);
    const AxiMemory::Statistics& seen = device->memory().statistics();
    EXPECT_EQ(before.read_beats, 0U);
    EXPECT_EQ(counter(*device, kCommands), work.commands().size());
    EXPECT_EQ(counter(*device, kBurstsRead), seen.read_bursts);
    EXPECT_EQ(counter(*device, kBurstsWritten), seen.write_bursts);
    EXPECT_EQ(counter(*device, kBytesRead),
              seen.read_beats * static_cast<std::uint64_t>(bench().bus_bytes));
    EXPECT_EQ(counter(*device, kBytesWritten), seen.written_bytes);
  }
}

// A snapshot during a run is of one cycle; the counters go on.
TEST_P(Shell, SnapshotOfARunningMachine) {
  const auto device = make(stalled(0.5, 3));
  const ShellJob work = job(10, 12);
  work.place(*device);
  start(*device, work);
  std::uint64_t last = 0;
  int snapshots = 0;
  while (!device->interrupt()) {
    device->write_register(registers::kControl, bit(registers::control::kSnapshot));
    std::uint64_t causes = 0;
    for (const registers::Counter& one : registers::kCounters) {
      if (one.cause >= 0) causes += counter(*device, one);
    }
    const std::uint64_t cycles = counter(*device, registers::counter::kCycles);
    ASSERT_EQ(causes, cycles);
    ASSERT_GE(cycles, last);
    last = cycles;
    ++snapshots;
  }
  EXPECT_GT(snapshots, 10);
}

// ---------------------------------------------------------------- errors

// The state after a run that ended with an error, and that a soft reset makes all good again.
void expect_error(SimulatedDevice& device, Error code, std::uint32_t index, std::uint32_t detail) {
  const std::uint32_t state = status(device);
  EXPECT_EQ(error_code(state), code) << fmt::format("status 0x{:x}", state);
  EXPECT_TRUE(has(state, registers::status::kError));
  EXPECT_FALSE(has(state, registers::status::kBusy));
  EXPECT_FALSE(has(state, registers::status::kDone));
  EXPECT_EQ(device.read_register(registers::kErrorCommand), index);
  EXPECT_EQ(device.read_register(registers::kErrorDetail), detail);
  EXPECT_EQ(device.read_register(registers::kInterruptStatus), 2U);
  EXPECT_EQ(device.try_write_register(registers::kControl, 1), 2);  // START is refused
}

TEST_P(Shell, AnErrorOnEveryReadBeat) {
  const ShellJob work = short_job();
  const auto counting = make(ideal());
  run_and_compare(*counting, work);
  const std::uint64_t beats = counting->memory().statistics().read_beats;
  ASSERT_GT(beats, 20U);
  for (std::uint64_t beat = 0; beat < beats; ++beat) {
    SCOPED_TRACE(fmt::format("beat {} of {}", beat, beats));
    const auto device = make(stalled(beat % 3 == 0 ? 0.5 : 0, 4));
    work.place(*device);
    device->memory().fail_read_beat(beat, beat % 2 == 0 ? 2 : 3);
    start(*device, work);
    ASSERT_TRUE(device->wait(kPatience));
    EXPECT_TRUE(device->memory().idle());
    const std::uint32_t detail = device->read_register(registers::kErrorDetail);
    EXPECT_EQ(detail & 7U, beat % 2 == 0 ? 2U : 3U);
    const int index =
        work.reader_of(device->memory().statistics().fault_address, bench().bus_bytes);
    ASSERT_GE(index, 0);
    const bool fetching = device->memory().statistics().fault_address < test::kDataBase;
    const std::uint32_t client = fetching ? 0 : index == 0 ? 1 : 2;
    expect_error(*device, Error::read, static_cast<std::uint32_t>(index),
                 (detail & 7U) | client << 8);
    soft_reset(*device);
    EXPECT_EQ(status(*device), 0U);
    run_and_compare(*device, work);
    if (HasFailure()) return;
  }
}

TEST_P(Shell, AnErrorOnEveryWriteBurst) {
  const ShellJob work = short_job();
  const auto counting = make(ideal());
  run_and_compare(*counting, work);
  const std::uint64_t bursts = counting->memory().statistics().write_bursts;
  ASSERT_GT(bursts, 2U);
  for (std::uint64_t burst = 0; burst < bursts; ++burst) {
    SCOPED_TRACE(fmt::format("burst {} of {}", burst, bursts));
    const auto device = make(ideal());
    work.place(*device);
    device->memory().fail_write_burst(burst, 2);
    start(*device, work);
    ASSERT_TRUE(device->wait(kPatience));
    EXPECT_TRUE(device->memory().idle());
    const bool second = device->memory().statistics().fault_address >= test::kResultBase + 0x400;
    expect_error(*device, Error::write, second ? 6 : 5, 2);
    soft_reset(*device);
    run_and_compare(*device, work);
    if (HasFailure()) return;
  }
}

TEST_P(Shell, AddressesOutsideTheMemory) {
  ShellJob work(bench().columns, 3);
  CommandRecord command = make_record(registers::load_activations::kOpcode);
  set_field(command, registers::load_activations::kAddress, 0xfffff000);
  set_field(command, registers::load_activations::kRows, 1);
  set_field(command, registers::load_activations::kElements, 10);
  work.add(command);
  const auto device = make(ideal());
  work.place(*device);
  start(*device, work);
  ASSERT_TRUE(device->wait(kPatience));
  expect_error(*device, Error::read, 0, 3 | 1 << 8);
}

// A job of good commands with `bad` in its middle.
void expect_refused(SimulatedDevice& device, int columns, const CommandRecord& bad, Error code,
                    std::uint32_t detail) {
  ShellJob work(columns, 3);
  work.load_activations(test::kDataBase, 0, 1, 10, registers::Format::int8, 0, 0);
  work.copy(10, 0, 0);
  work.add(bad);
  work.store(test::kResultBase, 0, 1, 10, registers::Format::int8, 0, 0);
  work.place(device);
  start(device, work);
  ASSERT_TRUE(device.wait(kPatience));
  expect_error(device, code, 2, detail);
  soft_reset(device);
}

TEST_P(Shell, WrongCommandsAreRefused) {
  const auto device = make(ideal());
  const auto refused = [&](const CommandRecord& bad, Error code, std::uint32_t detail) {
    SCOPED_TRACE(fmt::format("opcode {}, code {}", bad[0] & 0xff, static_cast<int>(code)));
    expect_refused(*device, bench().columns, bad, code, detail);
  };
  refused(CommandRecord{}, Error::opcode, 0);
  refused(make_record(255), Error::opcode, 255);
  for (const registers::CommandLayout& layout : registers::kCommands) {
    // A reserved bit, wherever there is one in a word.
    for (std::uint32_t word = 0; word < 16; ++word) {
      std::uint32_t used = word == 0 ? 0xffff1fffU : word < 3 ? ~0U : 0U;
      for (const registers::Field& field : layout.fields) {
        if (field.word == static_cast<int>(word)) {
          used |= static_cast<std::uint32_t>((std::uint64_t{1} << field.bits) - 1) << field.lsb;
        }
      }
      if (used == ~0U) continue;
      CommandRecord bad = make_record(layout.opcode);
      for (const registers::Field& field : layout.fields) {
        set_field(bad, field, std::max<std::int64_t>(field.least, 0));
      }
      bad[word] |= 1U << std::countr_one(used);
      refused(bad, Error::field, word);
    }
    // Just below and above the range, and off the multiple.
    for (const registers::Field& field : layout.fields) {
      CommandRecord bad = make_record(layout.opcode);
      for (const registers::Field& other : layout.fields) {
        set_field(bad, other, std::max<std::int64_t>(other.least, 0));
      }
      auto& word = bad[static_cast<std::size_t>(field.word)];
      if (field.least > 0) {
        word -= 1U << field.lsb;
        refused(bad, Error::field, static_cast<std::uint32_t>(field.word));
        word += 1U << field.lsb;
      }
      if (field.multiple > 1) {
        word += 1U << field.lsb;
        refused(bad, Error::field, static_cast<std::uint32_t>(field.word));
        word -= 1U << field.lsb;
      }
    }
  }
  CommandRecord bad = make_record(registers::load_table::kOpcode);
  set_field(bad, registers::load_table::kEntries, 65536);
  bad[5] += 8;
  refused(bad, Error::field, 5);
}

TEST_P(Shell, OddAddressesOfWideCodesAreRefused) {
  const auto device = make(ideal());
  for (const std::uint8_t opcode :
       {registers::load_activations::kOpcode, registers::store::kOpcode}) {
    for (const bool pitch : {false, true}) {
      CommandRecord bad = make_record(opcode);  // the two have the same layout
      set_field(bad, registers::store::kAddress, test::kResultBase + (pitch ? 0 : 1));
      set_field(bad, registers::store::kPitch, pitch ? 21 : 20);
      set_field(bad, registers::store::kRows, 2);
      set_field(bad, registers::store::kElements, 10);
      set_field(bad, registers::store::kFormat, static_cast<int>(registers::Format::code16));
      expect_refused(*device, bench().columns, bad, Error::field, pitch ? 5 : 4);
    }
  }
}

TEST_P(Shell, ARefusalOfTheCoreIsAnError) {
  const auto device = make(ideal());
  expect_refused(*device, bench().columns, make_record(registers::convolve::kOpcode),
                 Error::compute, 9);
}

// ---------------------------------------------------------------- watchdog and reset

TEST_P(Shell, AFenceThatIsNeverMetEndsInTheWatchdog) {
  ShellJob work(bench().columns, 3);
  work.load_activations(test::kDataBase, 0, 1, 10, registers::Format::int8, 0, 0);
  CommandRecord command = make_record(registers::store::kOpcode);
  set_field(command, registers::store::kRows, 1);
  set_field(command, registers::store::kElements, 1);
  set_field(command, registers::command_header::kWaitDrained, 1);
  set_field(command, registers::command_header::kDrained, 1);
  work.add(command);
  const auto device = make(ideal());
  work.place(*device);
  device->write_register(registers::kWatchdog, 500);
  start(*device, work);
  ASSERT_TRUE(device->wait(2000));
  expect_error(*device, Error::watchdog, 2, 1U << 4);  // a store waits
}

// The memory falls silent in each cycle of a job.
TEST_P(Shell, ASilentBusEndsInTheWatchdog) {
  const ShellJob work = short_job();
  const auto device = make(ideal());
  work.place(*device);
  const std::uint64_t begin = device->cycles();
  start(*device, work);
  ASSERT_TRUE(device->wait(kPatience));
  const std::uint64_t length = device->cycles() - begin;
  device->write_register(registers::kInterruptStatus, 3);
  int stuck = 0;
  for (std::uint64_t cycle = 0; cycle < length; cycle += 3) {
    SCOPED_TRACE(fmt::format("silent after {} cycles of {}", cycle, length));
    work.place(*device);
    device->write_register(registers::kWatchdog, 60);
    start(*device, work);
    device->tick(cycle);
    device->memory().set_mute(true);
    ASSERT_TRUE(device->wait(1000));  // the interrupt comes whatever the bus does
    const std::uint32_t state = status(*device);
    if (has(state, registers::status::kDone)) {
      EXPECT_EQ(error_code(state), Error::none);
    } else {
      EXPECT_EQ(error_code(state), Error::watchdog);
      stuck += has(state, registers::status::kBusStuck) ? 1 : 0;
    }
    device->memory().set_mute(false);
    soft_reset(*device);
    EXPECT_TRUE(device->memory().idle());
    run_and_compare(*device, work);
    if (HasFailure()) return;
  }
  EXPECT_GT(stuck, 10);
}

TEST_P(Shell, SoftResetInEveryCycle) {
  const ShellJob work = short_job();
  const auto device = make({.bytes = test::kMemoryBytes, .latency = 7});
  work.place(*device);
  start(*device, work);
  const std::uint64_t begin = device->cycles();
  ASSERT_TRUE(device->wait(kPatience));
  const std::uint64_t length = device->cycles() - begin + 10;
  soft_reset(*device);
  for (std::uint64_t cycle = 0; cycle < length; ++cycle) {
    SCOPED_TRACE(fmt::format("reset after {} cycles of {}", cycle, length));
    work.place(*device);
    device->write_register(registers::kScratch, 1);
    start(*device, work);
    device->tick(cycle);
    soft_reset(*device);
    EXPECT_TRUE(device->memory().idle());
    for (const registers::Register& one : registers::kRegisters) {
      if (one.parameter) continue;
      EXPECT_EQ(device->read_register(one.address), one.reset) << one.name;
    }
    EXPECT_FALSE(device->interrupt());
    run_and_compare(*device, work);
    if (HasFailure()) return;
  }
}

TEST_P(Shell, ARunOfNoCommandsEndsAtOnce) {
  const auto device = make(ideal());
  device->write_register(registers::kControl, 1);
  device->tick(4);
  EXPECT_EQ(status(*device), bit(registers::status::kDone));
  EXPECT_EQ(device->memory().statistics().read_bursts, 0U);
}

// The constants of docs/accelerator.md, section "Timing of the shell", on a bus on which a command
// is one burst.
TEST_P(Shell, CyclesOfSingleCommands) {
  if (bench().bus_bytes != 16) GTEST_SKIP() << "a command is several bursts";
  for (const int latency : {1, 2, 13}) {
    const auto device = make({.bytes = test::kMemoryBytes, .latency = latency});
    const auto cycles = [&](const ShellJob& work) {
      run_and_compare(*device, work);
      device->write_register(registers::kControl, bit(registers::control::kSnapshot));
      return static_cast<int>(counter(*device, registers::counter::kCycles));
    };
    const int begin = 10 + latency;  // until the unit takes the command
    for (int n = 1; n <= 4; ++n) {
      SCOPED_TRACE(fmt::format("latency {}, {} beats", latency, n));
      ShellJob load(bench().columns, 1);
      load.load_activations(test::kDataBase, 0, 1, 16 * n, registers::Format::int8, 0, 0);
      EXPECT_EQ(cycles(load), begin + (latency + n + 5) + 2);
      ShellJob weights(bench().columns, 1);
      weights.load_weights(test::kDataBase, n, registers::Format::int8);
      EXPECT_EQ(cycles(weights), begin + (latency + n + 5) + 2);
      soft_reset(*device);  // the rows stay in the FIFO
      ShellJob parameters(bench().columns, 1);
      parameters.load_parameters(test::kDataBase, n, 0);
      EXPECT_EQ(cycles(parameters), begin + (latency + n + 5) + 2);
      CommandRecord command = make_record(registers::store::kOpcode);
      set_field(command, registers::store::kAddress, test::kResultBase);
      set_field(command, registers::store::kRows, 1);
      set_field(command, registers::store::kElements, 16 * n);
      ShellJob store(bench().columns, 1);
      store.add(command);
      store.place(*device);
      start(*device, store);
      ASSERT_TRUE(device->wait(kPatience));
      device->write_register(registers::kInterruptStatus, 3);
      device->write_register(registers::kControl, bit(registers::control::kSnapshot));
      EXPECT_EQ(counter(*device, registers::counter::kCycles), begin + (latency + n + 6) + 2);
    }
  }
}

// ---------------------------------------------------------------- registers, table

TEST_P(Shell, Registers) {
  const auto device = make(ideal(), {.pause = 0.3, .seed = 8});
  for (const registers::Register& one : registers::kRegisters) {
    if (!one.parameter) {
      EXPECT_EQ(device->read_register(one.address), one.reset) << one.name;
    }
    if (one.access == registers::Access::read_only) {
      EXPECT_EQ(device->try_write_register(one.address, ~0U), 2) << one.name;
    }
  }
  EXPECT_EQ(device->read_register(registers::kBusBytes),
            static_cast<std::uint32_t>(bench().bus_bytes));
  EXPECT_EQ(device->read_register(registers::kColumns),
            static_cast<std::uint32_t>(bench().columns));
  EXPECT_EQ(device->read_register(registers::kActivationDepth), 4096U);
  for (const std::uint32_t hole : {0x008U, 0x0f0U, 0x0b4U, 0x188U, 0xffcU}) {
    EXPECT_EQ(device->try_read_register(hole).response, 2) << hole;
    EXPECT_EQ(device->try_write_register(hole, 0), 2) << hole;
  }
  for (std::uint32_t ones = 1; ones != 0; ones <<= 1) {
    device->write_register(registers::kScratch, ones);
    EXPECT_EQ(device->read_register(registers::kScratch), ones);
  }
  device->write_register(registers::kScratch, 0);
  device->try_write_register(registers::kScratch, 0x11223344, 0x5);
  EXPECT_EQ(device->read_register(registers::kScratch), 0x00220044U);
  device->write_register(registers::kCommandBase, ~0U);
  EXPECT_EQ(device->read_register(registers::kCommandBase), 0xffffffc0U);
  device->write_register(registers::kCommandCount, ~0U);
  EXPECT_EQ(device->read_register(registers::kCommandCount), 0x00ffffffU);
  EXPECT_EQ(device->try_write_register(registers::kControl, 3), 2);  // START with RESET
}

TEST_P(Shell, RefusalsOfABusyMachine) {
  const auto device = make(ideal());
  const ShellJob work = short_job();
  work.place(*device);
  start(*device, work);
  EXPECT_EQ(device->try_write_register(registers::kControl, 1), 2);
  EXPECT_EQ(device->try_write_register(registers::kCommandBase, 0), 2);
  EXPECT_EQ(device->try_write_register(registers::kCommandCount, 0), 2);
  EXPECT_EQ(device->try_write_register(registers::kTableAddress, 0), 2);
  EXPECT_EQ(device->try_write_register(registers::kControl, bit(registers::control::kCheckTable)),
            2);
  ASSERT_TRUE(device->wait(kPatience));
  EXPECT_TRUE(memory_is(*device, work));
}

TEST_P(Shell, TableAndItsChecksum) {
  const auto device = make({.bytes = 1 << 18});
  std::mt19937 generator(6);
  std::vector<std::uint8_t> table(131072);
  for (std::uint8_t& byte : table) byte = static_cast<std::uint8_t>(generator());
  constexpr std::uint32_t kTable = 0x10000;
  device->write(kTable, table);
  ShellJob work(bench().columns, 3);
  CommandRecord command = make_record(registers::load_table::kOpcode);
  set_field(command, registers::load_table::kAddress, kTable);
  set_field(command, registers::load_table::kEntries, 65528);
  work.add(command);
  set_field(command, registers::load_table::kAddress, kTable + 2 * 65528);
  set_field(command, registers::load_table::kEntries, 8);
  set_field(command, registers::load_table::kFirst, 65528);
  work.add(command);
  work.place(*device);
  start(*device, work);
  ASSERT_TRUE(device->wait(kPatience));
  ASSERT_TRUE(has(status(*device), registers::status::kDone));
  for (const std::uint32_t entry : {0U, 1U, 12345U, 65527U, 65528U, 65535U}) {
    device->write_register(registers::kTableAddress, entry);
    while (has(status(*device), registers::status::kTableBusy)) continue;
    EXPECT_EQ(device->read_register(registers::kTableData),
              static_cast<std::uint32_t>(table[2 * entry] | table[2 * entry + 1] << 8));
  }
  device->write_register(registers::kControl, bit(registers::control::kCheckTable));
  device->tick(65540);
  EXPECT_FALSE(has(status(*device), registers::status::kTableBusy));
  EXPECT_EQ(device->read_register(registers::kTableCrc),
            ::crc32(0, table.data(), static_cast<unsigned>(table.size())));
  table[77777] ^= 4;
  EXPECT_NE(device->read_register(registers::kTableCrc),
            ::crc32(0, table.data(), static_cast<unsigned>(table.size())));
}

INSTANTIATE_TEST_SUITE_P(Rtl, Shell, testing::Range<std::size_t>(0, shell_benches().size()),
                         [](const auto& instance) {
                           return fmt::format("Bus{}", shell_benches()[instance.param].bus_bytes);
                         });

}  // namespace
}  // namespace mbm
