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
#include <memory>
#include <string>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/counters.hpp"
#include "cmodel/array/driver.hpp"

namespace mbm {

// Constants of the hardware beside its parameters (parameters of rtl/top/accelerator.sv that no
// register shows).
struct ShellTiming {
  int burst_beats = 16;     // longest burst
  int outstanding = 32;     // bursts under way, of each direction
  int landing_beats = 128;  // words that a reading unit has room for
  int queue_depth = 8;      // commands that wait in a unit
};

// A memory that accepts addresses at once, gives the first beat of a read burst `latency` cycles
// after its address was accepted, bursts in order, and answers a write burst `latency` cycles after
// its last beat; both directions together move at most `bytes_per_cycle` bytes a cycle, reads
// first. What is not moved is saved for later, up to two words of the bus, and is before a run.
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

// Lanes first..end - 1 of a bus word.
struct BusLanes {
  int first = 0;
  int end = 0;
};

// What the accelerator offers on its AXI4 port in a cycle, its data left out.
struct BusOutputs {
  bool arvalid = false;
  std::uint32_t araddr = 0;
  int read_beats = 0;
  bool rready = false;
  bool awvalid = false;
  std::uint32_t awaddr = 0;
  int write_beats = 0;
  bool wvalid = false;
  bool wlast = false;
  BusLanes write_lanes;  // that have a strobe
  bool bready = false;
};

// What it is offered.
struct BusInputs {
  bool arready = true;
  bool rvalid = false;
  bool awready = true;
  bool wready = false;
  bool bvalid = false;
};

// A beat of a read burst: the client (0 commands, 1 activations, 2 other loads) that it is for, and
// the bytes that the client asked for.
struct BusBeat {
  std::size_t client = 0;
  BusLanes lanes;
};

// One run of the accelerator, a cycle at a time, on any bus.
class AcceleratorTiming {
 public:
  // Throws Error(usage) if the program has no commands or is one that the hardware refuses.
  explicit AcceleratorTiming(const AcceleratorProgram& program, const ShellTiming& shell = {});
  ~AcceleratorTiming();

  std::int64_t now() const;  // cycles that have ended
  BusOutputs outputs() const;
  // What a beat that is offered in this cycle is part of; only while outputs().rready.
  BusBeat beat() const;
  // Ends the present cycle. Returns whether the next one may differ from it: if not, it and those
  // after it are the same, up to uniform() of them and as long as `inputs` are, and may be skipped.
  bool step(const BusInputs& inputs);
  std::int64_t uniform() const;
  void skip(std::int64_t cycles);
  bool complete() const { return complete_; }  // the run has ended with the last step
  std::int64_t finished_commands() const;
  std::string state() const;  // for messages, one line
  CycleReport report() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
  bool complete_ = false;
};

// Throws Error(usage) if the program is one that the hardware refuses, Error(internal) if it would
// never end.
CycleReport predict_cycles(const AcceleratorProgram& program, const MemoryTiming& memory = {},
                           const ShellTiming& shell = {});

}  // namespace mbm
