// SystemC benches of single blocks: a stimulus of random traffic, the Verilated block, a scoreboard
// with its own idea of the block, and the coverage of what was met.
//
// This header needs no SystemC.
#pragma once

#include <cstdint>
#include <string>

#include "testbench/systemc/coverage.hpp"

namespace mbm {

struct BenchOptions {
  std::uint32_t seed = 1;
  std::uint64_t cycles = 20'000;
  // A mistake of the scoreboard's expectation, to see that it is found: of the item with this
  // number, from 1.
  std::uint64_t spoil = 0;
};

struct BenchResult {
  std::uint64_t checked = 0;  // items: words, commands, results
  std::uint64_t wrong = 0;
  std::string first_wrong;
  Coverage coverage;
};

BenchResult run_post_lane_bench(const BenchOptions& options);
BenchResult run_command_queue_bench(const BenchOptions& options);
BenchResult run_read_dma_bench(const BenchOptions& options);
BenchResult run_write_dma_bench(const BenchOptions& options);

}  // namespace mbm
