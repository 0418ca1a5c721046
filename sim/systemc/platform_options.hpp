// What a platform consists of; docs/platform.md has the configuration file that says it.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/cycle_model.hpp"

namespace mbm {

// What stands in the place of an array: the cycle model and the functional model, or the Verilog.
enum class CellKind : std::uint8_t { model, rtl };

enum class Arbitration : std::uint8_t { round_robin, fixed_priority };

// Which request a memory serves next: the oldest, or the oldest whose row is open.
enum class MemoryPolicy : std::uint8_t { first_come, row_first };

// Latencies are cycles of the accelerator's clock, rates bytes a cycle.
struct InterconnectOptions {
  Arbitration arbitration = Arbitration::round_robin;  // fixed: array 0 first
  std::int64_t latency = 2;                            // of a request, and of its answer
  double bytes_per_cycle = 16;                         // of each direction, shared by all arrays
  // A fault, to try out what finds it: the request with this number, from 1, is accepted and lost.
  std::int64_t drop_request = 0;
  // Another one: a bit of the data of this read request, from 1, is flipped.
  std::int64_t flip_request = 0;
};

struct DramOptions {
  std::int64_t banks = 8;  // 0: no rows, no refresh, a data path for each direction
  std::int64_t row_bytes = 2048;
  std::int64_t activate = 3;             // tRCD: from opening a row to its first access
  std::int64_t precharge = 3;            // tRP: from closing a row to opening another
  std::int64_t access = 3;               // CL: from an access to its first data
  std::int64_t row_open = 7;             // tRAS: from opening a row to closing it, at least
  std::int64_t write_recovery = 3;       // tWR: from the last data of a write to closing its row
  std::int64_t turnaround = 2;           // of the data path between reads and writes
  std::int64_t refresh_interval = 1560;  // tREFI; 0: no refresh
  std::int64_t refresh = 32;             // tRFC
  double bytes_per_cycle = 16;           // of the data path
  std::int64_t queue = 8;                // requests that wait
  MemoryPolicy policy = MemoryPolicy::row_first;
  std::int64_t bytes = 1 << 26;  // of the whole memory; each array has an equal part
};

struct PlatformOptions {
  std::vector<CellKind> cells = {CellKind::model};  // one for each array
  AcceleratorParameters accelerator;
  ShellTiming shell;
  // Whether data are computed; else only time passes, and what is stored is lost. Verilog computes
  // them in any case.
  bool data = true;
  InterconnectOptions interconnect;
  DramOptions dram;
  // Cycles without a transfer on any bus and without a command that ends, after which the platform
  // is taken to hang.
  std::int64_t patience = 500'000;

  // Throws Error(usage) that names the first option out of range.
  void validate() const;
};

}  // namespace mbm
