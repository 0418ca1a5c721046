#include "sim/axi_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint8_t kOkay = 0;
constexpr std::uint8_t kDecodeError = 3;
constexpr std::uint8_t kIncrementing = 1;
constexpr std::uint64_t kPage = 4096;

void require_probability(double value) {
  if (!(value >= 0 && value < 1)) {
    fail(ErrorKind::usage, "memory: a stall has probability {}, expected 0 to less than 1", value);
  }
}

}  // namespace

AxiMemory::AxiMemory(int bus_bytes, const AxiMemoryOptions& options)
    : bus_bytes_(static_cast<std::uint64_t>(bus_bytes)),
      bytes_(options.bytes),
      credit_(2.0 * bus_bytes) {
  if (bus_bytes != 4 && bus_bytes != 8 && bus_bytes != 16) {
    fail(ErrorKind::usage, "memory: the bus has {} bytes, expected 4, 8 or 16", bus_bytes);
  }
  set_options(options);
  prepare();
}

void AxiMemory::set_options(const AxiMemoryOptions& options) {
  if (options.latency < 1) {
    fail(ErrorKind::usage, "memory: latency is {} cycles, expected at least 1", options.latency);
  }
  if (!(options.bytes_per_cycle > 0)) {
    fail(ErrorKind::usage, "memory: {} bytes a cycle, expected more than 0",
         options.bytes_per_cycle);
  }
  const AxiMemoryOptions::Stalls& stalls = options.stalls;
  for (const double p : {stalls.ar, stalls.r, stalls.aw, stalls.w, stalls.b}) {
    require_probability(p);
  }
  options_ = options;
  generator_.seed(options.seed);
}

void AxiMemory::watch(std::vector<std::uint8_t> expected, std::vector<bool> is_watched) {
  if (expected.size() != bytes_.size() || is_watched.size() != bytes_.size()) {
    fail(ErrorKind::usage, "memory: {} bytes are expected, {} watched, it has {}", expected.size(),
         is_watched.size(), bytes_.size());
  }
  expected_ = std::move(expected);
  is_watched_ = std::move(is_watched);
  first_wrong_write_.reset();
}

void AxiMemory::violated(const char* rule) const {
  fail(ErrorKind::device, "memory: cycle {}: the master breaks AXI: {}", cycle_, rule);
}

void AxiMemory::check_address(const char* channel, std::uint32_t address, std::uint8_t length,
                              std::uint8_t size, std::uint8_t kind) const {
  if (kind != kIncrementing || (std::uint64_t{1} << size) != bus_bytes_) {
    violated(channel);
  }
  const std::uint64_t first = address & ~(bus_bytes_ - 1);
  const std::uint64_t last = first + (std::uint64_t{length} + 1) * bus_bytes_ - 1;
  if (first / kPage != last / kPage) violated("a burst crosses a 4 KiB boundary");
}

// What was offered and not accepted stays as it was; bursts are as the standard allows.
void AxiMemory::check(const AxiMaster& master) {
  const AxiMaster& old = previous_;
  if (old.arvalid && !previous_slave_.arready &&
      (!master.arvalid || master.araddr != old.araddr || master.arlen != old.arlen)) {
    violated("AR changes while it waits");
  }
  if (old.awvalid && !previous_slave_.awready &&
      (!master.awvalid || master.awaddr != old.awaddr || master.awlen != old.awlen)) {
    violated("AW changes while it waits");
  }
  if (old.wvalid && !previous_slave_.wready &&
      (!master.wvalid || master.wdata != old.wdata || master.wstrb != old.wstrb ||
       master.wlast != old.wlast)) {
    violated("W changes while it waits");
  }
  if (master.arvalid) {
    check_address("AR is no INCR burst of whole words", master.araddr, master.arlen, master.arsize,
                  master.arburst);
  }
  if (master.awvalid) {
    check_address("AW is no INCR burst of whole words", master.awaddr, master.awlen, master.awsize,
                  master.awburst);
  }
}

bool AxiMemory::stalled(double probability) {
  return probability > 0 && std::generate_canonical<double, 32>(generator_) < probability;
}

bool AxiMemory::spend() {
  if (credit_ < static_cast<double>(bus_bytes_)) return false;
  credit_ -= static_cast<double>(bus_bytes_);
  return true;
}

void AxiMemory::accept(const AxiMaster& master) {
  const auto due = cycle_ + static_cast<std::uint64_t>(options_.latency);
  if (master.arvalid && slave_.arready) {
    reads_.push_back({master.araddr & ~(bus_bytes_ - 1), master.arlen + 1, due});
    ++statistics_.read_bursts;
    statistics_.most_reads = std::max(statistics_.most_reads, static_cast<int>(reads_.size()));
  }
  if (slave_.rvalid && master.rready) {
    slave_.rvalid = false;
    ++statistics_.read_beats;
    if (++read_beat_ == reads_.front().beats) {
      reads_.pop_front();
      read_beat_ = 0;
    }
  }
  if (master.awvalid && slave_.awready) {
    writes_.push_back({master.awaddr & ~(bus_bytes_ - 1), master.awlen + 1, due});
    ++statistics_.write_bursts;
    statistics_.most_writes =
        std::max(statistics_.most_writes, static_cast<int>(writes_.size() + answers_.size()));
  }
  if (master.wvalid && slave_.wready) {
    early_.push_back({master.wdata, master.wstrb, master.wlast});
    ++statistics_.write_beats;
    statistics_.written_bytes += static_cast<std::uint64_t>(std::popcount(master.wstrb));
  } else if (slave_.wready) {
    credit_ += static_cast<double>(bus_bytes_);  // that were not moved
  }
  if (slave_.bvalid && master.bready) {
    slave_.bvalid = false;
    answers_.pop_front();
  }
}

// Beats whose address is known go into the memory; the last of a burst is answered.
void AxiMemory::write_beats() {
  while (!early_.empty() && !writes_.empty()) {
    const Beat& beat = early_.front();
    const Burst& burst = writes_.front();
    const std::uint64_t address =
        burst.address + static_cast<std::uint64_t>(write_beat_) * bus_bytes_;
    if (inside(address)) {
      for (std::size_t i = 0; i < bus_bytes_; ++i) {
        if ((beat.strobe >> i & 1U) == 0) continue;
        bytes_[address + i] = beat.data[i];
        if (is_watched_.empty() || first_wrong_write_ || !is_watched_[address + i]) continue;
        if (beat.data[i] != expected_[address + i]) first_wrong_write_ = cycle_;
      }
    } else {
      write_inside_ = false;
    }
    ++write_beat_;
    if (beat.last != (write_beat_ == burst.beats)) violated("WLAST is at the wrong beat");
    if (beat.last) {
      const std::uint64_t index =
          statistics_.write_bursts - static_cast<std::uint64_t>(writes_.size());
      const auto bad = bad_writes_.find(index);
      const std::uint8_t response = bad != bad_writes_.end() ? bad->second
                                    : write_inside_          ? kOkay
                                                             : kDecodeError;
      if (response != kOkay) statistics_.fault_address = burst.address;
      answers_.push_back({cycle_ + static_cast<std::uint64_t>(options_.latency), response});
      writes_.pop_front();
      write_beat_ = 0;
      write_inside_ = true;
    }
    early_.pop_front();
  }
}

// What is offered in the next cycle. What was offered and not taken stays.
void AxiMemory::prepare() {
  credit_ = std::min(credit_ + options_.bytes_per_cycle, 2.0 * static_cast<double>(bus_bytes_));
  slave_.arready = !mute_ && !stalled(options_.stalls.ar);
  slave_.awready = !mute_ && !stalled(options_.stalls.aw);
  if (!slave_.rvalid && !reads_.empty() && reads_.front().due <= cycle_ && !mute_ &&
      !stalled(options_.stalls.r) && spend()) {
    const Burst& burst = reads_.front();
    const std::uint64_t address =
        burst.address + static_cast<std::uint64_t>(read_beat_) * bus_bytes_;
    const auto bad = bad_reads_.find(statistics_.read_beats);
    slave_.rvalid = true;
    slave_.rlast = read_beat_ + 1 == burst.beats;
    slave_.rresp = bad != bad_reads_.end() ? bad->second : inside(address) ? kOkay : kDecodeError;
    if (slave_.rresp != kOkay) statistics_.fault_address = address;
    if (inside(address)) std::memcpy(slave_.rdata.data(), bytes_.data() + address, bus_bytes_);
  }
  slave_.wready = !mute_ && !stalled(options_.stalls.w) && spend();
  if (!slave_.bvalid && !answers_.empty() && answers_.front().due <= cycle_ && !mute_ &&
      !stalled(options_.stalls.b)) {
    slave_.bvalid = true;
    slave_.bresp = answers_.front().response;
  }
}

void AxiMemory::clock(const AxiMaster& master) {
  check(master);
  previous_ = master;
  previous_slave_ = slave_;
  accept(master);
  write_beats();
  ++cycle_;
  prepare();
}

bool AxiMemory::idle() const {
  return reads_.empty() && writes_.empty() && early_.empty() && answers_.empty();
}

}  // namespace mbm
