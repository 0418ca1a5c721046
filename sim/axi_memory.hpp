// A memory behind an AXI4 port, cycle by cycle, that also watches the protocol.
//
// Timing, without stalls. Addresses are accepted at once. A read burst whose address was accepted
// in cycle t gives its first beat in cycle t + latency at the earliest, then one a cycle, bursts in
// order. A write burst is answered `latency` cycles after its last beat or its address, whichever
// was later. Data beats of both directions together are limited to `bytes_per_cycle`; what is not
// moved is saved for later, up to two words. On top of this every channel may be stalled at random.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace mbm {

inline constexpr std::size_t kLargestBusBytes = 16;

// Outputs of the master in a cycle.
struct AxiMaster {
  bool arvalid = false;
  std::uint32_t araddr = 0;
  std::uint8_t arlen = 0;
  std::uint8_t arsize = 0;
  std::uint8_t arburst = 0;
  bool rready = false;
  bool awvalid = false;
  std::uint32_t awaddr = 0;
  std::uint8_t awlen = 0;
  std::uint8_t awsize = 0;
  std::uint8_t awburst = 0;
  bool wvalid = false;
  std::array<std::uint8_t, kLargestBusBytes> wdata{};
  std::uint32_t wstrb = 0;
  bool wlast = false;
  bool bready = false;
};

// Inputs of the master in a cycle.
struct AxiSlave {
  bool arready = false;
  bool rvalid = false;
  std::array<std::uint8_t, kLargestBusBytes> rdata{};
  std::uint8_t rresp = 0;
  bool rlast = false;
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  std::uint8_t bresp = 0;
};

struct AxiMemoryOptions {
  std::size_t bytes = 1 << 20;
  int latency = 1;               // cycles, at least 1
  double bytes_per_cycle = 1e9;  // of data, both directions
  // Probability that a channel is not ready (AR, AW, W) or that what is due does not come (R, B).
  struct Stalls {
    double ar = 0, r = 0, aw = 0, w = 0, b = 0;
  };
  Stalls stalls = {};
  std::uint32_t seed = 1;
};

class AxiMemory {
 public:
  // bus_bytes: 4, 8 or 16. Throws Error(usage) if it or an option is out of range.
  AxiMemory(int bus_bytes, const AxiMemoryOptions& options);

  // What the memory offers in this cycle; the same until `clock`.
  const AxiSlave& slave() const { return slave_; }
  // The end of the cycle in which the master offered `master`. Throws Error(device) that names
  // cycle and rule if the master breaks one of the protocol.
  void clock(const AxiMaster& master);

  // Whether no burst is under way.
  bool idle() const;

  // Faults: read beat (counted over all bursts from 0) or write burst `index` is answered with
  // `response` (1..3), or the memory stops answering altogether.
  void fail_read_beat(std::uint64_t index, std::uint8_t response) { bad_reads_[index] = response; }
  void fail_write_burst(std::uint64_t index, std::uint8_t response) {
    bad_writes_[index] = response;
  }
  void set_mute(bool mute) { mute_ = mute; }
  void set_options(const AxiMemoryOptions& options);  // all but the size

  std::span<std::uint8_t> bytes() { return bytes_; }

  // From now on every byte that is written where `is_watched` is set should be that of `expected`;
  // both have an entry for each byte of the memory.
  void watch(std::vector<std::uint8_t> expected, std::vector<bool> is_watched);
  // The cycle in which the first one that is not so was written.
  std::optional<std::uint64_t> first_wrong_write() const { return first_wrong_write_; }

  struct Statistics {
    std::uint64_t read_bursts = 0, read_beats = 0, write_bursts = 0, write_beats = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t fault_address = 0;      // of the last beat or burst not answered with OKAY
    int most_reads = 0, most_writes = 0;  // bursts under way at one time
  };
  const Statistics& statistics() const { return statistics_; }

 private:
  struct Burst {
    std::uint64_t address;
    int beats;
    std::uint64_t due;  // cycle from which it may be answered
  };
  struct Beat {
    std::array<std::uint8_t, kLargestBusBytes> data;
    std::uint32_t strobe;
    bool last;
  };

  [[noreturn]] void violated(const char* rule) const;
  void check(const AxiMaster& master);
  void check_address(const char* channel, std::uint32_t address, std::uint8_t length,
                     std::uint8_t size, std::uint8_t kind) const;
  void accept(const AxiMaster& master);
  void write_beats();
  void prepare();
  bool stalled(double probability);
  bool spend();
  bool inside(std::uint64_t address) const { return address + bus_bytes_ <= bytes_.size(); }

  std::uint64_t bus_bytes_;
  AxiMemoryOptions options_;
  std::vector<std::uint8_t> bytes_;
  std::mt19937 generator_;
  std::uint64_t cycle_ = 0;
  double credit_;  // bytes that may be moved
  bool mute_ = false;
  std::deque<Burst> reads_;   // being answered
  int read_beat_ = 0;         // of the first
  std::deque<Burst> writes_;  // whose beats are not all here
  int write_beat_ = 0;
  bool write_inside_ = true;
  std::deque<Beat> early_;  // beats not yet written
  struct Answer {
    std::uint64_t due;
    std::uint8_t response;
  };
  std::deque<Answer> answers_;
  AxiSlave slave_;
  AxiMaster previous_;
  AxiSlave previous_slave_;
  std::map<std::uint64_t, std::uint8_t> bad_reads_;
  std::map<std::uint64_t, std::uint8_t> bad_writes_;
  Statistics statistics_;
  std::vector<std::uint8_t> expected_;
  std::vector<bool> is_watched_;  // empty: nothing is
  std::optional<std::uint64_t> first_wrong_write_;
};

}  // namespace mbm
