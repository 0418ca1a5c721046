// The memory's timing by hand: latencies are those of the options, in cycles.
#include "sim/systemc/dram_timing.hpp"

#include <gtest/gtest.h>

namespace mbm {
namespace {

DramOptions options() {
  DramOptions result;
  result.banks = 4;
  result.row_bytes = 1024;
  result.activate = 5;
  result.precharge = 7;
  result.access = 11;
  result.row_open = 20;
  result.write_recovery = 6;
  result.turnaround = 3;
  result.refresh_interval = 0;
  result.bytes_per_cycle = 16;
  return result;
}

constexpr DramTiming::Access read_of(std::int64_t address) {
  return {.address = address, .bytes = 64, .beats = 4, .write = false};
}
constexpr DramTiming::Access write_of(std::int64_t address) {
  return {.address = address, .bytes = 64, .beats = 4, .write = true};
}

TEST(DramTiming, AMissOpensTheRowAndAHitDoesNot) {
  DramTiming memory(options());
  EXPECT_FALSE(memory.row_is_open(100, 0));
  EXPECT_EQ(memory.schedule(100, read_of(0)).start, 100 + 5 + 11);
  EXPECT_TRUE(memory.row_is_open(100, 1023));
  EXPECT_FALSE(memory.row_is_open(100, 1024));
  EXPECT_EQ(memory.schedule(200, read_of(64)).start, 200 + 11);
  EXPECT_EQ(memory.statistics().row_misses, 1U);
  EXPECT_EQ(memory.statistics().row_hits, 1U);
}

TEST(DramTiming, AConflictClosesTheRowFirst) {
  DramTiming memory(options());
  memory.schedule(100, read_of(0));
  EXPECT_EQ(memory.schedule(200, read_of(4096)).start, 200 + 7 + 5 + 11);  // bank 0, row 1
  EXPECT_EQ(memory.statistics().row_conflicts, 1U);
  // A row that was opened in cycle 207 may be closed from 227 on.
  EXPECT_EQ(memory.schedule(213, read_of(0)).start, 227 + 7 + 5 + 11);
}

TEST(DramTiming, AWriteKeepsItsRowOpenForItsRecovery) {
  DramTiming memory(options());
  const DramTiming::Slot slot = memory.schedule(100, write_of(0));
  EXPECT_EQ(slot.start, 100 + 5 + 11);  // the path has long turned round
  EXPECT_EQ(slot.end, slot.start + 4);
  EXPECT_EQ(memory.schedule(slot.end, write_of(4096)).start, slot.end + 6 + 7 + 5 + 11);
}

TEST(DramTiming, OneBurstAtATimeHasTheDataPath) {
  DramTiming memory(options());
  const DramTiming::Slot first = memory.schedule(100, read_of(0));
  const DramTiming::Slot second = memory.schedule(100, read_of(1024));  // another bank
  EXPECT_EQ(second.start, first.end);
  const DramTiming::Slot third = memory.schedule(100, write_of(2048));
  EXPECT_EQ(third.start, second.end + 3);
  EXPECT_EQ(memory.statistics().data_cycles, 12U);
}

TEST(DramTiming, BeatsComeAsFastAsThePathLets) {
  DramOptions slow = options();
  slow.bytes_per_cycle = 4;
  DramTiming memory(slow);
  const DramTiming::Slot slot = memory.schedule(0, read_of(0));
  EXPECT_DOUBLE_EQ(slot.cycles_per_beat, 4.0);
  EXPECT_EQ(slot.end - slot.start, 16);
  DramOptions fast = options();
  fast.bytes_per_cycle = 64;
  DramTiming wide(fast);
  EXPECT_EQ(wide.schedule(0, read_of(0)).cycles_per_beat, 1.0);
  EXPECT_EQ(wide.statistics().data_cycles, 1U);
}

TEST(DramTiming, ARefreshClosesAllRowsAndTakesItsTime) {
  DramOptions refreshed = options();
  refreshed.refresh_interval = 1000;
  refreshed.refresh = 50;
  DramTiming memory(refreshed);
  EXPECT_EQ(memory.schedule(900, read_of(0)).start, 900 + 5 + 11);
  EXPECT_FALSE(memory.row_is_open(1010, 0));
  EXPECT_EQ(memory.schedule(1010, read_of(0)).start, 1050 + 5 + 11);
  EXPECT_EQ(memory.statistics().refreshes, 1U);
  EXPECT_EQ(memory.statistics().row_misses, 2U);
  EXPECT_EQ(memory.schedule(1200, read_of(0)).start, 1200 + 11);
}

TEST(DramTiming, WithoutBanksEachDirectionHasItsPath) {
  DramOptions ideal = options();
  ideal.banks = 0;
  DramTiming memory(ideal);
  EXPECT_EQ(memory.schedule(10, read_of(0)).start, 21);
  EXPECT_EQ(memory.schedule(10, read_of(1 << 20)).start, 25);
  EXPECT_EQ(memory.schedule(10, write_of(0)).end, 21);
}

}  // namespace
}  // namespace mbm
