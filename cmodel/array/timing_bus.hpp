// The control state of the accelerator's port to memory, cycle by cycle: queues, bursts, both DMAs.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "cmodel/array/cycle_model.hpp"

namespace mbm::timing {

using Cycle = std::int64_t;
constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

// rtl/common/fifo.sv: a RAM of `depth` words and an output register behind it.
template <typename Word>
class Fifo {
 public:
  explicit Fifo(std::int64_t depth) : depth_(depth) {}

  bool ready() const { return stored_ < depth_; }
  bool valid() const { return valid_; }
  const Word& front() const { return words_.front(); }

  // The end of a cycle; returns whether anything changed.
  bool step(bool write, const Word& word, bool read) {
    write = write && ready();
    const bool fetch = stored_ > 0 && (!valid_ || read);
    if (valid_ && read) words_.pop_front();
    if (write) words_.push_back(word);
    const bool valid = fetch || (valid_ && !read);
    const bool changed = write || fetch || valid != valid_;
    stored_ += (write ? 1 : 0) - (fetch ? 1 : 0);
    valid_ = valid;
    return changed;
  }

 private:
  std::int64_t depth_;
  std::int64_t stored_ = 0;
  bool valid_ = false;
  std::deque<Word> words_;
};

struct Segment {
  std::int64_t address = 0;
  std::int64_t bytes = 0;
  bool last = false;  // of a store
};

// rtl/bus/burst_splitter.sv.
class BurstSplitter {
 public:
  BurstSplitter(std::int64_t bus_bytes, std::int64_t burst_beats)
      : bus_bytes_(bus_bytes), burst_beats_(burst_beats) {}

  bool active() const { return active_; }
  bool tag() const { return tag_; }
  std::int64_t address() const { return word_ * bus_bytes_; }
  const Segment& segment() const { return segment_; }
  std::int64_t room() const { return burst_beats_ - word_ % burst_beats_; }
  bool last() const { return words_ < room(); }
  std::int64_t beats() const { return last() ? words_ + 1 : room(); }
  bool ready(bool taken) const { return !active_ || (taken && last()); }

  bool step(bool valid, const Segment& segment, bool taken) {
    const bool accepts = ready(taken);
    const bool changed = taken || (valid && accepts);
    if (accepts) {
      if (valid) {
        word_ = segment.address / bus_bytes_;
        words_ = (segment.bytes + segment.address % bus_bytes_ - 1) / bus_bytes_;
        tag_ = segment.last;
        segment_ = segment;
      }
      active_ = valid;
    } else if (taken) {
      const std::int64_t count = beats();
      word_ += count;
      words_ -= count;
    }
    return changed;
  }

 private:
  std::int64_t bus_bytes_;
  std::int64_t burst_beats_;
  bool active_ = false;
  bool tag_ = false;
  Segment segment_;
  std::int64_t word_ = 0;
  std::int64_t words_ = 0;  // left after the first
};

// A burst and the segment that it is part of.
struct Burst {
  std::size_t client = 0;
  std::int64_t address = 0;  // of its first word
  std::int64_t beats = 0;
  bool last = false;
  Segment segment;

  // The lanes of beat `beat` that belong to the segment.
  BusLanes lanes(std::int64_t beat, std::int64_t bus_bytes) const {
    const std::int64_t word = address + beat * bus_bytes;
    const std::int64_t first = std::max(segment.address, word);
    const std::int64_t end = std::min(segment.address + segment.bytes, word + bus_bytes);
    return {static_cast<int>(first - word), static_cast<int>(end - word)};
  }
};

// rtl/bus/axi_read_dma.sv. Clients: commands, activations, other loads.
inline constexpr std::size_t kClients = 3;
inline constexpr std::size_t kFetch = 0;
inline constexpr std::size_t kActivations = 1;
inline constexpr std::size_t kOthers = 2;

class ReadDma {
 public:
  struct Client {
    BurstSplitter splitter;
    Fifo<bool> landing;  // words; whether the last of a segment
    std::int64_t reserved = 0;
    std::int64_t bursts = 0;
  };

  ReadDma(std::int64_t bus_bytes, const ShellTiming& shell)
      : shell_(shell), bus_bytes_(bus_bytes), tags_(shell.outstanding) {
    for (std::size_t c = 0; c < kClients; ++c) {
      clients_.push_back(
          {BurstSplitter(bus_bytes, shell.burst_beats), Fifo<bool>(shell.landing_beats), 0, 0});
    }
  }

  const Client& client(std::size_t c) const { return clients_[c]; }
  bool data_valid(std::size_t c) const { return clients_[c].landing.valid(); }
  bool last(std::size_t c) const { return clients_[c].landing.front(); }
  bool requesting(std::size_t c) const {
    return clients_[c].splitter.active() || (offered_ && address_.client == c);
  }
  bool receiving(std::size_t c) const { return clients_[c].bursts != 0; }
  bool offered() const { return offered_; }  // an address, that of
  const Burst& address() const { return address_; }
  bool rready() const { return tags_.valid(); }
  bool busy() const { return outstanding_ != 0; }

  // Which client begins a burst in this cycle; kClients if none.
  void arbitrate(bool arready) {
    granted_ = kClients;
    if (outstanding_ == shell_.outstanding || (offered_ && !arready)) return;
    for (std::size_t i = 1; i <= kClients; ++i) {
      const std::size_t c = (turn_ + i) % kClients;
      const Client& one = clients_[c];
      if (!one.splitter.active()) continue;
      if (one.reserved + one.splitter.beats() > shell_.landing_beats) continue;
      granted_ = c;
      return;
    }
  }
  bool segment_ready(std::size_t c) const { return clients_[c].splitter.ready(granted_ == c); }

  struct Inputs {
    std::array<bool, kClients> segment_valid{};
    std::array<Segment, kClients> segment{};
    std::array<bool, kClients> data_ready{};
    bool arready = true;
    bool rvalid = false;
  };

  // What a beat in this cycle is part of.
  BusBeat beat() const {
    const Burst& burst = tags_.front();
    return {burst.client, burst.lanes(beat_, bus_bytes_)};
  }

  bool step(const Inputs& in) {
    const bool begins = granted_ < kClients;
    const bool beat = in.rvalid && tags_.valid();
    const Burst tag = tags_.valid() ? tags_.front() : Burst{};
    const bool final_beat = beat && beat_ == tag.beats - 1;
    if (beat) ++beats;
    if (begins) ++bursts;
    Burst begun;
    if (begins) {
      const BurstSplitter& splitter = clients_[granted_].splitter;
      begun = {granted_, splitter.address(), splitter.beats(), splitter.last(), splitter.segment()};
    }
    const bool accepted = offered_ && in.arready;
    bool changed = begins || beat || accepted;
    for (std::size_t c = 0; c < kClients; ++c) {
      Client& one = clients_[c];
      const bool granted = begins && granted_ == c;
      const bool taken = one.landing.valid() && in.data_ready[c];
      const bool arrives = beat && tag.client == c;
      one.reserved += (granted ? begun.beats : 0) - (taken ? 1 : 0);
      one.bursts += (granted ? 1 : 0) - (arrives && final_beat ? 1 : 0);
      changed = one.splitter.step(in.segment_valid[c], in.segment[c], granted) || changed;
      changed = one.landing.step(arrives, tag.last && final_beat, in.data_ready[c]) || changed;
    }
    outstanding_ += (begins ? 1 : 0) - (final_beat ? 1 : 0);
    offered_ = begins || (offered_ && !accepted);
    if (begins) {
      turn_ = granted_;
      address_ = begun;
    }
    changed = tags_.step(begins, begun, final_beat) || changed;
    beat_ = final_beat ? 0 : beat_ + (beat ? 1 : 0);
    return changed;
  }

  std::uint64_t beats = 0;
  std::uint64_t bursts = 0;

 private:
  ShellTiming shell_;
  std::int64_t bus_bytes_;
  std::vector<Client> clients_;
  Fifo<Burst> tags_;
  std::int64_t outstanding_ = 0;
  std::size_t turn_ = 0;
  std::size_t granted_ = kClients;
  bool offered_ = false;
  Burst address_;
  std::int64_t beat_ = 0;
};

// rtl/bus/axi_write_dma.sv.
class WriteDma {
 public:
  struct Beat {
    bool last = false;  // of a burst
    BusLanes lanes;
  };

  WriteDma(std::int64_t bus_bytes, const ShellTiming& shell)
      : shell_(shell),
        bus_bytes_(bus_bytes),
        splitter_(bus_bytes, shell.burst_beats),
        answers_(shell.outstanding),
        descriptors_(shell.outstanding),
        data_(kDataDepth) {}

  bool busy() const { return outstanding_ != 0; }
  bool offered() const { return offered_; }  // an address, that of
  const Burst& address() const { return address_; }
  bool wvalid() const { return data_.valid(); }
  const Beat& beat() const { return data_.front(); }
  bool bready() const { return answers_.valid(); }
  bool begins(bool awready) const {
    return splitter_.active() && outstanding_ != shell_.outstanding && (!offered_ || awready);
  }
  bool segment_ready(bool awready) const { return splitter_.ready(begins(awready)); }
  bool done(bool bvalid) const { return bvalid && answers_.valid() && answers_.front(); }

  bool step(bool segment_valid, const Segment& segment, const BusInputs& bus) {
    const bool begin = begins(bus.awready);
    const bool answer = bus.bvalid && answers_.valid();
    const Burst begun = begin ? Burst{0, splitter_.address(), splitter_.beats(), splitter_.last(),
                                      splitter_.segment()}
                              : Burst{};
    const bool fetch = descriptors_.valid() && held_ != kDataDepth;
    const bool final_beat = fetch && beat_ == descriptors_.front().beats - 1;
    const bool sent = data_.valid() && bus.wready;
    const bool accepted = offered_ && bus.awready;
    if (begin) ++bursts;
    if (segment_valid && segment_ready(bus.awready)) {
      bytes += static_cast<std::uint64_t>(segment.bytes);
    }
    bool changed = begin || answer || fetch || sent || fetched_ || accepted;
    const bool ends_command = splitter_.tag() && splitter_.last();
    changed = answers_.step(begin, ends_command, answer) || changed;
    changed = data_.step(fetched_, fetched_beat_, sent) || changed;
    if (fetch) {
      fetched_beat_ = {final_beat, descriptors_.front().lanes(beat_, bus_bytes_)};
      beat_ = final_beat ? 0 : beat_ + 1;
    }
    changed = descriptors_.step(begin, begun, final_beat) || changed;
    changed = splitter_.step(segment_valid, segment, begin) || changed;
    outstanding_ += (begin ? 1 : 0) - (answer ? 1 : 0);
    held_ += (fetch ? 1 : 0) - (sent ? 1 : 0);
    fetched_ = fetch;
    offered_ = begin || (offered_ && !accepted);
    if (begin) address_ = begun;
    return changed;
  }

  std::uint64_t bursts = 0;
  std::uint64_t bytes = 0;

 private:
  static constexpr std::int64_t kDataDepth = 8;

  ShellTiming shell_;
  std::int64_t bus_bytes_;
  BurstSplitter splitter_;
  Fifo<bool> answers_;
  Fifo<Burst> descriptors_;
  Fifo<Beat> data_;
  std::int64_t outstanding_ = 0;
  std::int64_t held_ = 0;
  std::int64_t beat_ = 0;
  bool offered_ = false;
  Burst address_;
  bool fetched_ = false;
  Beat fetched_beat_;
};

}  // namespace mbm::timing
