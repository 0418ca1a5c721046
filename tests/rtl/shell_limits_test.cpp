// The shell at the ends of its ranges: more commands than a fence can count, errors of late
// commands, addresses and sizes up to the largest, registers of all ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testbench/shell_bench.hpp"
#include "tests/rtl/shell_job.hpp"

namespace mbm {
namespace {

using registers::Error;

constexpr std::uint32_t kChain = 0x40;         // bytes handed on, one a step
constexpr std::uint32_t kCommands = 0x100000;  // of the chain, behind it
constexpr int kSteps = 65'536 + 300;           // more than a fence counts
constexpr int kStepCommands = 4;
constexpr std::uint8_t kByte = 0x5a;

const ShellBench& widest_bench() {
  return shell_benches().back();
}

void fence(CommandRecord& command, const registers::Field& wait, const registers::Field& count,
           int finished) {
  set_field(command, wait, 1);
  set_field(command, count, finished % 65'536);
}

// Loads a parameter and byte `step` of the chain, copies the byte to the output buffer and stores
// it as the next one; each command waits for the one before.
void write_step(std::uint8_t* place, int step, bool fenced) {
  using namespace registers::command_header;
  CommandRecord load = make_record(registers::load_activations::kOpcode);
  set_field(load, registers::load_activations::kAddress, kChain + static_cast<unsigned>(step));
  set_field(load, registers::load_activations::kRows, 1);
  set_field(load, registers::load_activations::kElements, 1);
  if (fenced) fence(load, kWaitStores, kStores, step);
  CommandRecord parameter = make_record(registers::load_parameters::kOpcode);
  set_field(parameter, registers::load_parameters::kAddress, kChain & ~15U);
  set_field(parameter, registers::load_parameters::kChannels, 1);
  CommandRecord copy = make_record(registers::convolve::kOpcode);  // of the stand-in
  copy[4] = 1;
  fence(copy, kWaitOthers, kOthers, step + 1);
  fence(copy, kWaitActivations, kActivations, step + 1);
  CommandRecord store = make_record(registers::store::kOpcode);
  set_field(store, registers::store::kAddress, kChain + 1 + static_cast<unsigned>(step));
  set_field(store, registers::store::kRows, 1);
  set_field(store, registers::store::kElements, 1);
  fence(store, kWaitDrained, kDrained, step + 1);
  if (step % 2 == 1) fence(store, kWaitRead, kRead, step + 1);
  for (const CommandRecord& command : {parameter, load, copy, store}) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(command.data()), 64, place);
    place += 64;
  }
}

// A device that has run a chain of `steps`, of which `unfenced` does not wait, and `last` behind
// it.
std::unique_ptr<SimulatedDevice> run_chain(int steps, int unfenced = -1,
                                           const CommandRecord* last = nullptr) {
  auto device = widest_bench().make({.bytes = 1 << 25}, {});
  const int count = kStepCommands * steps + (last != nullptr ? 1 : 0);
  std::vector<std::uint8_t> commands(static_cast<std::size_t>(count) * 64);
  for (int step = 0; step < steps; ++step) {
    write_step(&commands[static_cast<std::size_t>(kStepCommands * step) * 64], step,
               step != unfenced);
  }
  if (last != nullptr) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(last->data()), 64, commands.end() - 64);
  }
  device->write(kCommands, commands);
  const std::vector<std::uint8_t> first{kByte};
  device->write(kChain, first);
  device->write_register(registers::kInterruptEnable, 3);
  device->write_register(registers::kWatchdog, 1000);
  device->write_register(registers::kCommandBase, kCommands);
  device->write_register(registers::kCommandCount, static_cast<std::uint32_t>(count));
  device->write_register(registers::kControl, 1);
  EXPECT_TRUE(device->wait(50'000'000));
  return device;
}

std::uint32_t error_code(SimulatedDevice& device) {
  return device.read_register(registers::kStatus) >> 8 & 0xff;
}

// Steps whose byte was handed on.
int handed_on(SimulatedDevice& device) {
  int step = 0;
  while (step < kSteps &&
         device.memory().bytes()[kChain + 1 + static_cast<unsigned>(step)] == kByte)
    ++step;
  return step;
}

TEST(ShellLimits, FencesHoldBeyondTheirSixteenBits) {
  const auto device = run_chain(kSteps);
  EXPECT_EQ(error_code(*device), 0U);
  EXPECT_EQ(handed_on(*device), kSteps);
}

// Twin: a load that does not wait for the store before it, behind the 65,536th, breaks the chain
// there, or, since it overwrites an operand, a step before.
TEST(ShellLimits, AMissingFenceIsFound) {
  const int unfenced = 65'536 + 7;
  const auto device = run_chain(kSteps, unfenced);
  EXPECT_EQ(error_code(*device), 0U);
  EXPECT_LE(handed_on(*device), unfenced);
  EXPECT_GE(handed_on(*device), unfenced - 1);
}

constexpr std::uint32_t kDecodeError = 3;

// Whoever finds an error says which command it belongs to, also if that needs 17 bits.
TEST(ShellLimits, AnErrorOfALateCommandNamesIt) {
  constexpr std::uint32_t kOutside = 0xffffff00;  // of the memory
  constexpr int kFew = 16'500;
  CommandRecord load = make_record(registers::load_activations::kOpcode);
  set_field(load, registers::load_activations::kAddress, kOutside);
  set_field(load, registers::load_activations::kRows, 1);
  set_field(load, registers::load_activations::kElements, 1);
  CommandRecord weights = make_record(registers::load_weights::kOpcode);
  set_field(weights, registers::load_weights::kAddress, kOutside);
  set_field(weights, registers::load_weights::kRows, 1);
  CommandRecord store = make_record(registers::store::kOpcode);
  set_field(store, registers::store::kAddress, kOutside);
  set_field(store, registers::store::kRows, 1);
  set_field(store, registers::store::kElements, 1);
  struct Case {
    CommandRecord last;
    Error code;
    std::uint32_t detail;
  };
  for (const Case& one : {Case{make_record(255), Error::opcode, 255},
                          Case{make_record(registers::convolve::kOpcode), Error::compute, 9},
                          Case{load, Error::read, kDecodeError | 1 << 8},
                          Case{weights, Error::read, kDecodeError | 2 << 8},
                          Case{store, Error::write, kDecodeError}}) {
    const auto device = run_chain(kFew, -1, &one.last);
    EXPECT_EQ(error_code(*device), static_cast<std::uint32_t>(one.code));
    EXPECT_EQ(device->read_register(registers::kErrorCommand), kStepCommands * kFew);
    EXPECT_EQ(device->read_register(registers::kErrorDetail), one.detail);
  }
}

// Runs one command, which must end in the error.
void expect_error(const CommandRecord& command, Error code, std::uint32_t detail) {
  for (const ShellBench& bench : shell_benches()) {
    SCOPED_TRACE(fmt::format("bus of {} bytes", bench.bus_bytes));
    const auto device = bench.make({.bytes = test::kMemoryBytes}, {});
    test::ShellJob job(bench.columns, 3);
    job.add(command);
    job.place(*device);
    device->write_register(registers::kInterruptEnable, 3);
    device->write_register(registers::kCommandBase, test::kCommandBase);
    device->write_register(registers::kCommandCount, 1);
    device->write_register(registers::kControl, 1);
    ASSERT_TRUE(device->wait(100'000));
    EXPECT_EQ(error_code(*device), static_cast<std::uint32_t>(code));
    EXPECT_EQ(device->read_register(registers::kErrorDetail), detail);
    EXPECT_TRUE(device->memory().idle());
  }
}

TEST(ShellLimits, TheLongestLoadsAndStoresAtTheHighestAddresses) {
  CommandRecord load = make_record(registers::load_activations::kOpcode);
  set_field(load, registers::load_activations::kAddress, 0xfff00000);
  set_field(load, registers::load_activations::kPitch, 0x2aaaa);
  set_field(load, registers::load_activations::kRows, 65535);
  set_field(load, registers::load_activations::kElements, 0xfffff);
  set_field(load, registers::load_activations::kFormat,
            static_cast<int>(registers::Format::code16));
  expect_error(load, Error::read, kDecodeError | 1 << 8);
  CommandRecord weights = make_record(registers::load_weights::kOpcode);
  set_field(weights, registers::load_weights::kAddress, 0xfff00000);
  set_field(weights, registers::load_weights::kRows, 0xffffff);
  set_field(weights, registers::load_weights::kFormat, static_cast<int>(registers::Format::code16));
  expect_error(weights, Error::read, kDecodeError | 2 << 8);
  CommandRecord store = make_record(registers::store::kOpcode);
  set_field(store, registers::store::kAddress, 0xfff00000);
  set_field(store, registers::store::kRows, 65535);
  set_field(store, registers::store::kElements, 0xfffff);
  set_field(store, registers::store::kFormat, static_cast<int>(registers::Format::code16));
  expect_error(store, Error::write, kDecodeError);
}

// Writable registers keep every bit that their description gives them.
TEST(ShellLimits, RegistersOfAllOnes) {
  const auto device = widest_bench().make({.bytes = test::kMemoryBytes}, {});
  for (const std::uint32_t address : {registers::kWatchdog, registers::kScratch}) {
    for (const std::uint32_t value : {~0U, 0U, 0xa5a5'5a5aU}) {
      device->write_register(address, value);
      EXPECT_EQ(device->read_register(address), value);
    }
  }
  for (const std::uint32_t entry : {0xffffU, 0U, 0x5a5aU}) {
    device->write_register(registers::kTableAddress, entry);
    EXPECT_EQ(device->read_register(registers::kTableAddress), entry);
  }
}

}  // namespace
}  // namespace mbm
