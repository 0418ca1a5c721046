// The memory model: its timing, and that it sees a master that breaks the protocol.
#include <gtest/gtest.h>

#include "sim/axi_memory.hpp"
#include "tests/support/expect_error.hpp"

namespace mbm {
namespace {

AxiMaster read_address(std::uint32_t address, int beats) {
  AxiMaster master;
  master.arvalid = true;
  master.araddr = address;
  master.arlen = static_cast<std::uint8_t>(beats - 1);
  master.arsize = 2;
  master.arburst = 1;
  master.rready = true;
  return master;
}

AxiMaster write_address(std::uint32_t address, int beats) {
  AxiMaster master;
  master.awvalid = true;
  master.awaddr = address;
  master.awlen = static_cast<std::uint8_t>(beats - 1);
  master.awsize = 2;
  master.awburst = 1;
  master.bready = true;
  return master;
}

AxiMaster write_beat(std::uint8_t value, bool last) {
  AxiMaster master;
  master.wvalid = true;
  master.wdata.fill(value);
  master.wstrb = 5;
  master.wlast = last;
  master.bready = true;
  return master;
}

AxiMaster idle() {
  AxiMaster master;
  master.rready = master.bready = true;
  return master;
}

TEST(AxiMemory, ReadsAfterItsLatency) {
  AxiMemory memory(4, {.bytes = 4096, .latency = 3});
  for (std::size_t i = 0; i < 64; ++i) memory.bytes()[i] = static_cast<std::uint8_t>(i);
  memory.clock(read_address(8, 2));
  for (int cycle = 1; cycle < 3; ++cycle) {
    EXPECT_FALSE(memory.slave().rvalid) << cycle;
    memory.clock(idle());
  }
  EXPECT_TRUE(memory.slave().rvalid);
  EXPECT_FALSE(memory.slave().rlast);
  EXPECT_EQ(memory.slave().rdata[1], 9);
  memory.clock(idle());
  EXPECT_TRUE(memory.slave().rvalid);
  EXPECT_TRUE(memory.slave().rlast);
  EXPECT_EQ(memory.slave().rdata[0], 12);
  memory.clock(idle());
  EXPECT_TRUE(memory.idle());
}

TEST(AxiMemory, WritesWithStrobesAndAnswers) {
  AxiMemory memory(4, {.bytes = 4096});
  memory.clock(write_beat(7, false));  // data may come before their address
  memory.clock(write_address(16, 2));
  memory.clock(write_beat(9, true));
  EXPECT_TRUE(memory.slave().bvalid);
  EXPECT_EQ(memory.slave().bresp, 0);
  memory.clock(idle());
  EXPECT_TRUE(memory.idle());
  const auto bytes = memory.bytes();
  EXPECT_EQ((std::vector<int>{bytes[16], bytes[17], bytes[18], bytes[19], bytes[20], bytes[21]}),
            (std::vector<int>{7, 0, 7, 0, 9, 0}));
}

TEST(AxiMemory, BandwidthIsLimited) {
  AxiMemory memory(4, {.bytes = 4096, .bytes_per_cycle = 1});
  memory.clock(read_address(0, 16));
  int cycles = 0;
  for (; !memory.idle(); ++cycles) memory.clock(idle());
  // 16 words of four bytes, of which two were saved up before.
  EXPECT_GE(cycles, 4 * 14);
  EXPECT_LE(cycles, 4 * 15);
}

// What the memory could take and is not given is not lost: how long it idled makes no difference.
TEST(AxiMemory, BandwidthDoesNotDependOnWhenARunBegins) {
  const auto cycles_after = [](int idle_cycles) {
    AxiMemory memory(4, {.bytes = 4096, .bytes_per_cycle = 3});
    for (int i = 0; i < idle_cycles; ++i) memory.clock(idle());
    memory.clock(read_address(0, 16));
    int cycles = 0;
    for (; !memory.idle(); ++cycles) memory.clock(idle());
    return cycles;
  };
  const int at_once = cycles_after(0);
  for (int idle_cycles = 1; idle_cycles < 9; ++idle_cycles) {
    EXPECT_EQ(cycles_after(idle_cycles), at_once) << idle_cycles;
  }
}

TEST(AxiMemory, OutsideIsADecodeError) {
  AxiMemory memory(4, {.bytes = 64});
  memory.clock(read_address(64, 1));
  EXPECT_EQ(memory.slave().rresp, 3);
  memory.fail_read_beat(1, 2);
  memory.clock(read_address(0, 1));
  EXPECT_EQ(memory.slave().rresp, 2);
}

// Each of these masters breaks one rule.
TEST(AxiMemory, ViolationsAreErrors) {
  const auto violates = [](const std::vector<AxiMaster>& cycles, const char* rule) {
    AxiMemoryOptions options{.bytes = 1 << 16};
    options.stalls = {0.999, 0, 0.999, 0.999, 0};  // nothing is accepted at once
    if (std::string_view(rule).find("WLAST") != std::string_view::npos) options.stalls = {};
    AxiMemory memory(4, options);
    memory.clock(idle());
    test::expect_error(ErrorKind::device, {rule}, [&] {
      for (const AxiMaster& master : cycles) memory.clock(master);
    });
  };
  violates({read_address(4092, 2)}, "4 KiB");
  violates({write_address(4092, 2)}, "4 KiB");
  violates({read_address(0, 2), read_address(4, 2)}, "AR changes");
  violates({read_address(0, 2), idle()}, "AR changes");
  violates({write_address(0, 2), write_address(0, 3)}, "AW changes");
  violates({write_beat(1, true), write_beat(2, true)}, "W changes");
  violates({write_beat(1, true), write_beat(1, false)}, "W changes");
  violates({write_address(0, 2), write_beat(1, true)}, "WLAST");
  violates({write_address(0, 1), write_beat(1, false)}, "WLAST");
  AxiMaster fixed = read_address(0, 1);
  fixed.arburst = 0;
  violates({fixed}, "INCR");
  AxiMaster narrow = write_address(0, 1);
  narrow.awsize = 1;
  violates({narrow}, "INCR");
}

TEST(AxiMemory, OptionsOutOfRangeAreRefused) {
  const auto refused = [](int bus_bytes, const AxiMemoryOptions& options, const char* message) {
    test::expect_error(ErrorKind::usage, {message},
                       [&] { const AxiMemory memory(bus_bytes, options); });
  };
  refused(5, {}, "the bus has 5 bytes");
  refused(4, {.latency = 0}, "latency is 0");
  refused(4, {.bytes_per_cycle = 0}, "0 bytes a cycle");
  AxiMemoryOptions options;
  options.stalls.w = 1;
  refused(4, options, "probability 1");
}

// Byte 0 and 2 of a word are written (strobe 5); only what is watched is compared.
TEST(AxiMemory, TheFirstWrongWriteIsRemembered) {
  const auto first_wrong = [](std::uint8_t expected, std::size_t watched) {
    AxiMemory memory(4, {.bytes = 64});
    std::vector<bool> is_watched(64, false);
    is_watched[watched] = true;
    memory.watch(std::vector<std::uint8_t>(64, expected), is_watched);
    memory.clock(write_address(8, 2));
    memory.clock(write_beat(7, false));
    memory.clock(write_beat(9, true));
    return memory.first_wrong_write();
  };
  EXPECT_EQ(first_wrong(7, 8), std::nullopt);
  EXPECT_EQ(first_wrong(6, 8), 1U);  // the beat of cycle 1
  EXPECT_EQ(first_wrong(6, 9), std::nullopt);
  EXPECT_EQ(first_wrong(7, 14), 2U);  // the second word
  EXPECT_EQ(first_wrong(9, 14), std::nullopt);
  AxiMemory memory(4, {.bytes = 64});
  test::expect_error(ErrorKind::usage, {"63 bytes are expected", "64"},
                     [&] { memory.watch(std::vector<std::uint8_t>(63), std::vector<bool>(64)); });
}

}  // namespace
}  // namespace mbm
