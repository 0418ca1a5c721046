#include "sim/systemc/dram_timing.hpp"

#include <algorithm>
#include <cmath>

namespace mbm {

DramTiming::DramTiming(const DramOptions& options)
    : options_(options), banks_(static_cast<std::size_t>(options.banks)) {}

// Refresh n lasts from n times the interval on; the first one is that of cycle `interval`.
std::int64_t DramTiming::epoch(std::int64_t cycle) const {
  return options_.refresh_interval == 0 ? 0 : cycle / options_.refresh_interval;
}

std::int64_t DramTiming::after_refresh(std::int64_t cycle) const {
  const std::int64_t number = epoch(cycle);
  if (number == 0) return cycle;
  return std::max(cycle, number * options_.refresh_interval + options_.refresh);
}

bool DramTiming::row_is_open(std::int64_t now, std::int64_t address) const {
  if (banks_.empty()) return true;
  const std::int64_t row = address / options_.row_bytes;
  const Bank& bank = banks_[static_cast<std::size_t>(row % options_.banks)];
  return bank.row == row && bank.epoch == epoch(now);
}

// The cycle of the first access to the row, which is opened if it must be.
std::int64_t DramTiming::open_row(std::int64_t now, const Access& access, Bank& bank) {
  const std::int64_t row = access.address / options_.row_bytes;
  std::int64_t at = after_refresh(std::max(now, bank.accessible));
  if (at != std::max(now, bank.accessible)) ++statistics_.refreshes;
  if (bank.epoch != epoch(at)) {
    bank.row = -1;
    bank.closable = 0;
  }
  if (bank.row == row) {
    ++statistics_.row_hits;
    return at;
  }
  if (bank.row >= 0) {
    ++statistics_.row_conflicts;
    at = after_refresh(std::max(at, bank.closable) + options_.precharge);
  } else {
    ++statistics_.row_misses;
  }
  bank.row = row;
  bank.opened = at;
  bank.epoch = epoch(at);
  return at + options_.activate;
}

DramTiming::Slot DramTiming::schedule(std::int64_t now, const Access& access) {
  Slot slot;
  auto& bytes = access.write ? statistics_.written_bytes : statistics_.read_bytes;
  bytes += static_cast<std::uint64_t>(access.bytes);
  if (banks_.empty()) {
    std::int64_t& path = access.write ? write_free_ : free_;
    slot.start = std::max(now + options_.access, path);
    // The beats of a write came with it.
    slot.end = access.write ? slot.start : slot.start + access.beats;
    path = slot.end;
    statistics_.data_cycles += static_cast<std::uint64_t>(access.beats);
    return slot;
  }
  const auto word = static_cast<double>(access.bytes) / static_cast<double>(access.beats);
  slot.cycles_per_beat = std::max(1.0, word / options_.bytes_per_cycle);
  const double share = word / options_.bytes_per_cycle;  // of a cycle, if the path is wider
  Bank& bank =
      banks_[static_cast<std::size_t>(access.address / options_.row_bytes % options_.banks)];
  const std::int64_t first = open_row(now, access, bank);
  const std::int64_t turn = access.write != last_was_write_ ? options_.turnaround : 0;
  slot.start = std::max(first + options_.access, free_ + turn);
  const auto taken = static_cast<std::int64_t>(
      std::max(1.0, std::ceil(share * static_cast<double>(access.beats))));
  slot.end = slot.start + taken;
  free_ = slot.end;
  last_was_write_ = access.write;
  bank.accessible = std::max(first, slot.end - options_.access);
  bank.closable = std::max(bank.opened + options_.row_open,
                           access.write ? slot.end + options_.write_recovery : bank.accessible);
  statistics_.data_cycles += static_cast<std::uint64_t>(taken);
  return slot;
}

// So early that closing and opening a row is hidden behind the data before it.
std::int64_t DramTiming::decision_cycle() const {
  if (banks_.empty()) return 0;
  return free_ - (options_.precharge + options_.activate + options_.access + options_.turnaround);
}

}  // namespace mbm
