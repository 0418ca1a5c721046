// The memory of MemoryTiming, cycle by cycle.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/timing_bus.hpp"

namespace mbm::timing {

// sim/axi_memory.cpp without stalls.
class Memory {
 public:
  Memory(const MemoryTiming& timing, std::int64_t bus_bytes)
      : timing_(timing),
        bus_bytes_(static_cast<double>(bus_bytes)),
        credit_(2.0 * static_cast<double>(bus_bytes)) {
    prepare(0);
  }

  BusInputs inputs() const { return {true, rvalid_, true, wready_, bvalid_}; }

  bool step(Cycle now, const BusOutputs& master) {
    const Cycle due = now + timing_.latency;
    const double credit = credit_;
    const bool wready = wready_;
    bool changed = master.arvalid || master.awvalid;
    if (master.arvalid) reads_.push_back({due, master.read_beats});
    if (rvalid_ && master.rready) {
      rvalid_ = false;
      changed = true;
      if (--reads_.front().beats == 0) reads_.pop_front();
    }
    if (master.awvalid) ++addresses_;
    if (master.wvalid && wready_) {
      changed = true;
      if (master.wlast) ++last_beats_;
    } else if (wready_) {
      credit_ += bus_bytes_;  // that were not moved
    }
    if (bvalid_ && master.bready) {
      bvalid_ = false;
      changed = true;
      answers_.pop_front();
    }
    for (; addresses_ > 0 && last_beats_ > 0; --addresses_, --last_beats_) {
      answers_.push_back(due);
    }
    changed = prepare(now + 1) || changed;
    return changed || credit != credit_ || wready != wready_;
  }

  // The next cycle in which something falls due by itself.
  Cycle next_event() const {
    Cycle next = kNever;
    if (!rvalid_ && !reads_.empty()) next = std::min(next, reads_.front().due);
    if (!bvalid_ && !answers_.empty()) next = std::min(next, answers_.front());
    return next;
  }

 private:
  struct Read {
    Cycle due;
    std::int64_t beats;
  };

  bool spend() {
    if (credit_ < bus_bytes_) return false;
    credit_ -= bus_bytes_;
    return true;
  }

  bool prepare(Cycle now) {
    bool changed = false;
    credit_ = std::min(credit_ + timing_.bytes_per_cycle, 2.0 * bus_bytes_);
    if (!rvalid_ && !reads_.empty() && reads_.front().due <= now && spend()) {
      rvalid_ = changed = true;
    }
    wready_ = spend();
    if (!bvalid_ && !answers_.empty() && answers_.front() <= now) bvalid_ = changed = true;
    return changed;
  }

  MemoryTiming timing_;
  double bus_bytes_;
  double credit_;
  std::deque<Read> reads_;
  std::deque<Cycle> answers_;
  int addresses_ = 0;   // accepted, whose last beat has not come
  int last_beats_ = 0;  // come before their address
  bool rvalid_ = false;
  bool wready_ = false;
  bool bvalid_ = false;
};

}  // namespace mbm::timing
