// How long the accelerator takes for a program, cycle by cycle, and what it waits for: the control
// state of rtl/top/accelerator.sv without its data. With a memory that keeps the timing of
// MemoryTiming the counters are those of the hardware, to the cycle.
//
// Every registered state of the control is a member, every step computes the next state of all of
// them from the present one. Stretches in which nothing happens but that positions stream are
// skipped.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/counters.hpp"
#include "cmodel/array/driver.hpp"

namespace mbm {

// Constants of the hardware beside its parameters (parameters of rtl/top/accelerator.sv that no
// register shows).
struct ShellTiming {
  int burst_beats = 16;    // longest burst
  int outstanding = 8;     // bursts under way, of each direction
  int landing_beats = 64;  // words that a reading unit has room for
  int queue_depth = 8;     // commands that wait in a unit
};

// A memory that accepts addresses at once, gives the first beat of a read burst `latency` cycles
// after its address was accepted, bursts in order, and answers a write burst `latency` cycles after
// its last beat; both directions together move at most `bytes_per_cycle` bytes a cycle, reads
// first.
struct MemoryTiming {
  int latency = 1;
  double bytes_per_cycle = 1e9;
};

struct CycleReport {
  CounterValues counters{};
  // Cycles of each compute command, from the end of the one before it to its last position or tap;
  // what follows the last one counts to it.
  std::vector<CauseCycles> commands;

  std::uint64_t cycles() const { return counters[0]; }
};

// Throws Error(usage) if the program is one that the hardware refuses, Error(internal) if it would
// never end.
CycleReport predict_cycles(const AcceleratorProgram& program, const MemoryTiming& memory = {},
                           const ShellTiming& shell = {});

}  // namespace mbm
