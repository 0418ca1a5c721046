// When a memory of banks and rows moves the data of a burst. Open rows stay open until another row
// of the bank is needed or the memory is refreshed; a refresh closes all rows.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/systemc/platform_options.hpp"

namespace mbm {

struct DramStatistics {
  std::uint64_t row_hits = 0;
  std::uint64_t row_misses = 0;     // no row was open
  std::uint64_t row_conflicts = 0;  // another row was
  std::uint64_t refreshes = 0;      // that a request met
  std::uint64_t read_bytes = 0;     // whole words of the bus
  std::uint64_t written_bytes = 0;
  std::uint64_t data_cycles = 0;  // in which data moved
};

class DramTiming {
 public:
  explicit DramTiming(const DramOptions& options);

  struct Access {
    std::int64_t address = 0;
    std::int64_t bytes = 0;  // whole words of the bus
    std::int64_t beats = 0;
    bool write = false;
  };
  struct Slot {
    std::int64_t start = 0;  // cycle of the first beat
    std::int64_t end = 0;    // after the last
    double cycles_per_beat = 1;
  };

  // Takes the next access, known at cycle `now`; accesses get the data path in the order of the
  // calls.
  Slot schedule(std::int64_t now, const Access& access);

  bool row_is_open(std::int64_t now, std::int64_t address) const;

  // From which cycle on it is worth while to decide what comes next.
  std::int64_t decision_cycle() const;

  const DramStatistics& statistics() const { return statistics_; }

 private:
  struct Bank {
    std::int64_t row = -1;        // open one
    std::int64_t opened = 0;      // cycle
    std::int64_t closable = 0;    // cycle from which it may be closed
    std::int64_t accessible = 0;  // cycle of the next access at the earliest
    std::int64_t epoch = 0;       // refresh interval in which it was opened
  };

  std::int64_t epoch(std::int64_t cycle) const;
  std::int64_t after_refresh(std::int64_t cycle) const;
  std::int64_t open_row(std::int64_t now, const Access& access, Bank& bank);

  DramOptions options_;
  std::vector<Bank> banks_;
  std::int64_t free_ = 0;        // the data path
  std::int64_t write_free_ = 0;  // that of writes, without banks
  bool last_was_write_ = false;
  DramStatistics statistics_;
};

}  // namespace mbm
