#include "cmodel/array/cycle_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <limits>
#include <set>
#include <utility>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/operand_format.hpp"
#include "cmodel/array/resize_walk.hpp"
#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

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

// rtl/bus/axi_read_dma.sv. Clients: commands, activations, other loads.
constexpr std::size_t kClients = 3;
constexpr std::size_t kFetch = 0;
constexpr std::size_t kActivations = 1;
constexpr std::size_t kOthers = 2;

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

// A command as the control sees it.
struct TimedCommand {
  Unit unit = Unit::others;
  std::array<bool, kCommandCounters> waits{};
  std::array<std::uint16_t, kCommandCounters> counts{};
  // Loads and stores: rows of memory.
  std::int64_t address = 0;
  std::int64_t pitch = 0;
  std::int64_t rows = 1;
  std::int64_t row_bytes = 0;
  bool weights = false;
  bool wide = false;
  // Compute.
  bool convolve = false;
  bool first = false;
  bool last = false;
  std::int64_t tiles = 0;
  std::int64_t positions = 0;
  std::int64_t groups = 0;     // of lanes, of a position
  std::int64_t taps = 0;       // of the whole vector command
  std::size_t first_tile = 0;  // among all of the program
};

// The compute core, rtl/top/accelerator_core.sv.
class Core {
 public:
  Core(const AcceleratorParameters& parameters, const std::vector<TimedCommand>& commands,
       const std::vector<int>& magnitudes)
      : p_(parameters), commands_(commands), magnitudes_(magnitudes) {}

  enum class State { no_command, computing, weights, table, partial_sums, draining };

  bool command_ready() const { return next_ == kNone; }
  bool weight_ready() const { return fifo_count_ != p_.weight_rows; }
  bool read_done() const { return read_done_; }
  bool drain_done() const { return (done_pipe_ & (1U << 6)) != 0; }
  State state() const { return state_; }

  // The combinational part of a cycle.
  void evaluate(Cycle now) {
    finish_ = !finishes_.empty() && finishes_.front().due == now;
    weight_load_ = load_known() && row_valid_ && load_wait_ == 0 && rows_loaded_ != p_.rows;
    const bool weights_ready =
        rows_loaded_ == p_.rows || (rows_loaded_ == p_.rows - 1 && weight_load_);
    const bool table_ready = p_.kind != ElementKind::lut || table_ready_;
    const bool sums_ready =
        !(convolve_ && tile_ == 0 && current().first && bank_in_use_[fill_bank_]);
    const bool first_position = convolve_ && position_ == 0;
    enter_ = convolve_ && (!first_position || (weights_ready && table_ready && sums_ready));
    tile_start_ = enter_ && first_position;
    last_tile_ = convolve_ && tile_ == current().tiles - 1;
    convolve_end_ = enter_ && last_tile_ && position_ == current().positions - 1;
    tap_ = vector_ && post_idle() && in_flight_ == 0;
    vector_end_ = tap_ && taps_left_ == 1;
    take_ = next_ != kNone && (!convolve_ || convolve_end_) && (!vector_ || vector_end_);
    if (enter_ || tap_) {
      state_ = State::computing;
    } else if (convolve_) {
      state_ = !sums_ready ? State::partial_sums : !weights_ready ? State::weights : State::table;
    } else if (in_flight_ != 0 || finish_ || results_busy()) {
      state_ = State::draining;
    } else {
      state_ = State::no_command;
    }
  }

  bool position() const { return enter_ || tap_; }
  bool tile() const { return tile_start_; }
  bool command_ends() const { return convolve_end_ || vector_end_; }

  // The end of a cycle: a row of weights, a command offered.
  bool step(Cycle now, bool weight_valid, bool command_valid, std::size_t command) {
    bool changed = finish_ || weight_load_ || tile_start_ || command_ends() || take_ ||
                   read_done_ || done_pipe_ != 0;
    const Finish finished = finish_ ? finishes_.front() : Finish{};
    if (finish_) finishes_.pop_front();
    changed =
        step_post(finish_ && finished.last, finished.bank, finish_ && !finished.last) || changed;
    changed = step_weights(weight_valid) || changed;
    changed = step_table() || changed;
    read_done_ = command_ends();
    if (convolve_end_) {
      finishes_.push_back({now + p_.rows + p_.columns + 3, current().last, fill_bank_});
    }
    in_flight_ += (convolve_end_ ? 1 : 0) - (finish_ ? 1 : 0);
    if (tile_start_ && tile_ == 0) {
      bank_command_[fill_bank_] = current_;
      if (current().first) bank_in_use_[fill_bank_] = true;
    }
    const bool take_convolve = take_ && commands_[next_].convolve;
    if (take_convolve) {
      load_next_ = false;
    } else if (tile_start_) {
      load_next_ = last_tile_;
    }
    if (convolve_end_ && current().last) fill_bank_ = 1 - fill_bank_;
    if (enter_ && ++position_ == current().positions) {
      position_ = 0;
      ++tile_;
      changed = true;
    }
    if (tap_) --taps_left_;
    if (convolve_end_) convolve_ = false;
    if (vector_end_) vector_ = false;
    if (take_) begin_next();
    if (command_valid && command_ready_before_) {
      next_ = command;
      changed = true;
    }
    command_ready_before_ = command_ready();
    return changed;
  }

  // Cycles from now on in which positions, taps and drains only count; after a step that changed
  // nothing.
  Cycle uniform(Cycle now) const {
    Cycle count = kNever;
    if (enter_) count = std::min(count, current().positions - 1 - position_);
    if (tap_) count = std::min(count, taps_left_ - 1);
    if (load_wait_ > 0) count = std::min<Cycle>(count, load_wait_);
    if (draining_) count = std::min(count, drain_left_ - 1);
    if (!finishes_.empty()) count = std::min(count, finishes_.front().due - now);
    return count;
  }

  void skip(Cycle count) {
    if (enter_) position_ += count;
    if (tap_) taps_left_ -= count;
    if (load_wait_ > 0) load_wait_ -= count;
    if (draining_) drain_left_ -= count;
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  struct Finish {
    Cycle due = 0;
    bool last = false;
    int bank = 0;
  };

  const TimedCommand& current() const { return commands_[current_]; }

  bool load_known() const {
    return load_next_ ? next_ != kNone && commands_[next_].convolve : convolve_;
  }

  void begin_next() {
    current_ = next_;
    next_ = kNone;
    const TimedCommand& command = current();
    convolve_ = command.convolve;
    vector_ = !command.convolve;
    position_ = tile_ = 0;
    taps_left_ = command.taps;
  }

  bool step_weights(bool weight_valid) {
    const bool accept = weight_valid && weight_ready();
    const bool fetch = fifo_count_ > (row_valid_ ? 1 : 0) && (!row_valid_ || weight_load_);
    const bool valid = fetch || (row_valid_ && !weight_load_);
    const bool changed = accept || fetch || valid != row_valid_ || load_wait_ == 1;
    fifo_count_ += (accept ? 1 : 0) - (weight_load_ ? 1 : 0);
    row_valid_ = valid;
    rows_loaded_ = tile_start_ ? 0 : rows_loaded_ + (weight_load_ ? 1 : 0);
    if (tile_start_) {
      load_wait_ = p_.rows + p_.columns - 2;
    } else if (load_wait_ > 0) {
      --load_wait_;
    }
    return changed;
  }

  // rtl/memory/product_table.sv: 256 / table_entries cycles for each magnitude of the next tile.
  bool step_table() {
    if (p_.kind != ElementKind::lut) return false;
    const bool was_ready = table_ready_;
    const bool was_loaded = loaded_before_;
    const bool loaded = loaded_before_;
    const bool reading = loaded && fill_left_ > 0;
    const bool last = reading && fill_left_ == 1;
    table_ready_ = !tile_start_ && loaded && (table_ready_ || fill_left_ == 0 || last);
    if (reading) --fill_left_;
    if (weight_load_ && rows_loaded_ == p_.rows) {
      fill_left_ = magnitudes_[loaded_tiles_++] * (256 / p_.table_entries);
    }
    loaded_before_ = rows_loaded_ == p_.rows;
    return reading || was_ready != table_ready_ || was_loaded != loaded_before_;
  }

  // rtl/post/post_processor.sv.
  bool post_idle() const { return !pending_[0] && !pending_[1] && empty_before_ == 0; }
  bool results_busy() const {
    // Writes of results are under way no longer than the pulse that follows them.
    return !post_idle() || done_pipe_ != 0;
  }

  bool step_post(bool finish_last, int finish_bank, bool finish_empty) {
    const bool start = !draining_ && pending_[drain_bank_] && empty_before_ == 0;
    const bool slot = draining_;
    const bool end = slot && drain_left_ == 1;
    const bool empty_slot = !draining_ && empty_before_ != 0;
    const bool waiting = draining_ ? pending_[1 - drain_bank_] : pending_[drain_bank_];
    done_pipe_ = ((done_pipe_ << 1) | (end || empty_slot || vector_end_ ? 1U : 0U)) & 0x7fU;
    const bool changed = start || end || empty_slot || finish_last || finish_empty;
    if (slot) --drain_left_;
    if (finish_last) pending_[finish_bank] = true;
    if (end) {
      pending_[drain_bank_] = false;
      bank_in_use_[drain_bank_] = false;
      drain_bank_ = 1 - drain_bank_;
    }
    if (start) {
      const TimedCommand& command = commands_[bank_command_[drain_bank_]];
      drain_left_ = command.positions * command.groups;
      empty_before_ = empty_after_ + (finish_empty ? 1 : 0);
      empty_after_ = 0;
    } else {
      empty_before_ += (finish_empty && !waiting ? 1 : 0) - (empty_slot ? 1 : 0);
      empty_after_ += finish_empty && waiting ? 1 : 0;
    }
    draining_ = start || (draining_ && !end);
    return changed;
  }

  AcceleratorParameters p_;
  const std::vector<TimedCommand>& commands_;
  const std::vector<int>& magnitudes_;  // different ones of each tile; for kind lut only

  std::size_t next_ = kNone;
  std::size_t current_ = kNone;
  bool command_ready_before_ = true;
  bool convolve_ = false;
  bool vector_ = false;
  std::int64_t position_ = 0;
  std::int64_t tile_ = 0;
  std::int64_t taps_left_ = 0;
  bool read_done_ = false;
  std::int64_t in_flight_ = 0;
  std::deque<Finish> finishes_;
  int fill_bank_ = 0;
  std::array<bool, 2> bank_in_use_{};
  std::array<std::size_t, 2> bank_command_{};
  // Weights.
  std::int64_t fifo_count_ = 0;
  bool row_valid_ = false;
  std::int64_t rows_loaded_ = 0;
  std::int64_t load_wait_ = 0;
  bool load_next_ = true;
  // Product table.
  std::size_t loaded_tiles_ = 0;
  std::int64_t fill_left_ = 0;
  bool loaded_before_ = false;
  bool table_ready_ = false;
  // Post-processor; bit i of the pipe is stage i + 1.
  std::array<bool, 2> pending_{};
  int drain_bank_ = 0;
  bool draining_ = false;
  std::int64_t drain_left_ = 0;
  std::int64_t empty_before_ = 0;
  std::int64_t empty_after_ = 0;
  unsigned done_pipe_ = 0;
  // Of the present cycle.
  bool finish_ = false;
  bool weight_load_ = false;
  bool enter_ = false;
  bool tile_start_ = false;
  bool last_tile_ = false;
  bool convolve_end_ = false;
  bool tap_ = false;
  bool vector_end_ = false;
  bool take_ = false;
  State state_ = State::no_command;
};

TimedCommand timed(const Command& command, const AcceleratorParameters& p) {
  TimedCommand result;
  result.unit = unit_of(command.operation);
  const Fences& f = command.fences;
  const std::array<std::optional<std::int64_t>, kCommandCounters> fences{
      f.activations, f.others, f.read, f.drained, f.stores};
  for (std::size_t i = 0; i < kCommandCounters; ++i) {
    result.waits[i] = fences[i].has_value();
    result.counts[i] = static_cast<std::uint16_t>(fences[i].value_or(0));
  }
  const auto rows = [&](const auto& one) {
    result.address = one.address;
    result.pitch = one.pitch;
    result.rows = one.rows;
    result.row_bytes = one.elements * operand_bytes(static_cast<registers::Format>(one.format));
  };
  const auto vector = [&](std::int64_t channels, std::int64_t row_taps) {
    result.groups = (channels + p.lanes - 1) / p.lanes;
    result.taps = geometry_of(command.operation).rows * result.groups * row_taps;
  };
  const auto window = [&](const auto& one) {
    vector(one.channels, one.geometry.columns * one.window_rows * one.window_columns);
  };
  struct Visitor {
    const AcceleratorParameters& p;
    TimedCommand& result;
    const decltype(rows)& set_rows;
    const decltype(vector)& set_vector;
    const decltype(window)& set_window;

    void operator()(const LoadActivations& one) const { set_rows(one); }
    void operator()(const Store& one) const { set_rows(one); }
    void operator()(const LoadWeights& one) const {
      result.weights = true;
      result.wide = static_cast<registers::Format>(one.format) == registers::Format::code16;
      result.address = one.address;
      result.row_bytes = one.rows * p.columns * (result.wide ? 2 : 1);
    }
    void operator()(const LoadParameters& one) const {
      result.address = one.address;
      result.row_bytes = one.channels * 16;
    }
    void operator()(const LoadTable& one) const {
      result.address = one.address;
      result.row_bytes = one.entries * 2;
    }
    void operator()(const ConvolutionPass& one) const {
      result.convolve = true;
      result.first = one.first;
      result.last = one.last;
      result.tiles = one.tiles();
      result.positions = one.positions();
      result.groups = (one.channels + p.lanes - 1) / p.lanes;
    }
    void operator()(const Maximum& one) const { set_window(one); }
    void operator()(const Resize& one) const { set_vector(one.channels, resize_row_taps(one)); }
    void operator()(const Add& one) const { set_vector(one.channels, one.geometry.columns * 2); }
    void operator()(const Rescale& one) const { set_window(one); }
  };
  std::visit(Visitor{p, result, rows, vector, window}, command.operation);
  return result;
}

// Different magnitudes of each tile, in the order in which tiles are loaded.
std::vector<int> tile_magnitudes(const AcceleratorProgram& program) {
  std::vector<int> result;
  const std::int64_t tile_operands = program.parameters.rows * program.parameters.columns;
  std::vector<std::int16_t> operands;
  for (const Command& command : program.commands) {
    const auto* load = std::get_if<LoadWeights>(&command.operation);
    if (load == nullptr) continue;
    const auto format = static_cast<registers::Format>(load->format);
    const std::int64_t size = operand_bytes(format);
    const auto segment = std::find_if(
        program.segments.begin(), program.segments.end(), [&](const MemorySegment& one) {
          return load->address >= one.address &&
                 load->address < one.address + static_cast<std::int64_t>(one.bytes.size());
        });
    if (segment == program.segments.end()) {
      fail(ErrorKind::usage, "cycle model: weights at {:#x} are not in the program", load->address);
    }
    const std::uint8_t* bytes =
        segment->bytes.data() + static_cast<std::size_t>(load->address - segment->address);
    for (std::int64_t i = 0; i < load->rows * program.parameters.columns; ++i) {
      operands.push_back(load_operand(format, bytes + static_cast<std::size_t>(i * size)));
    }
  }
  for (std::size_t i = 0; i + static_cast<std::size_t>(tile_operands) <= operands.size();
       i += static_cast<std::size_t>(tile_operands)) {
    std::set<int> present;
    for (std::size_t o = 0; o < static_cast<std::size_t>(tile_operands); ++o) {
      present.insert(std::abs(operands[i + o]));
    }
    result.push_back(static_cast<int>(present.size()));
  }
  return result;
}

}  // namespace

class AcceleratorTiming::Implementation {
 public:
  Implementation(const AcceleratorProgram& program, const ShellTiming& shell)
      : p_(program.parameters),
        commands_(timed_commands(program)),
        magnitudes_(p_.kind == ElementKind::lut ? tile_magnitudes(program) : std::vector<int>{}),
        read_(p_.bus_bytes, shell),
        write_(p_.bus_bytes, shell),
        core_(p_, commands_, magnitudes_),
        activation_descriptors_(kDescriptors),
        other_descriptors_(kDescriptors),
        fetch_address_(program.command_address),
        fetch_request_(true) {
    for (int u = 0; u < 4; ++u) queues_.emplace_back(shell.queue_depth);
    for (const TimedCommand& one : commands_) {
      if (one.unit == Unit::compute) report_.commands.push_back({});
    }
    words_of_command_ = registers::kCommandBytes / p_.bus_bytes;
    // Operands that go into the row register a cycle, of one byte and of two.
    narrow_step_ = std::min(p_.columns, p_.bus_bytes);
    wide_step_ = std::min(p_.columns, p_.bus_bytes / 2);
  }

  Cycle now() const { return now_; }
  Cycle uniform() const { return core_.uniform(now_); }
  std::int64_t finished_commands() const { return finished_commands_; }
  bool all_finished() const {
    return finished_commands_ == static_cast<std::int64_t>(commands_.size());
  }

  BusOutputs outputs() const {
    BusOutputs result;
    result.arvalid = read_.offered();
    result.araddr = static_cast<std::uint32_t>(read_.address().address);
    result.read_beats = static_cast<int>(read_.address().beats);
    result.rready = read_.rready();
    result.awvalid = write_.offered();
    result.awaddr = static_cast<std::uint32_t>(write_.address().address);
    result.write_beats = static_cast<int>(write_.address().beats);
    result.wvalid = write_.wvalid();
    if (result.wvalid) {
      result.wlast = write_.beat().last;
      result.write_lanes = write_.beat().lanes;
    }
    result.bready = write_.bready();
    return result;
  }

  BusBeat beat() const { return read_.beat(); }

  void skip(Cycle cycles) {
    core_.skip(cycles);
    count_cycles(cycles);
    now_ += cycles;
  }

  CycleReport report() {
    set_counters();
    return report_;
  }

  std::string state() const {
    std::string fetch = dispatched_ == commands_.size()
                            ? "all commands fetched"
                            : fmt::format("command {} of {} next", dispatched_, commands_.size());
    return fmt::format("{} of {} commands end, {}, bursts under way: reads {}, writes {}",
                       finished_commands_, commands_.size(), fetch, read_.busy() ? "yes" : "none",
                       write_.busy() ? "yes" : "none");
  }

  bool step(const BusInputs& bus) {
    const bool changed = advance(bus);
    ++now_;
    return changed;
  }

 private:
  static constexpr int kDescriptors = 4;

  static std::vector<TimedCommand> timed_commands(const AcceleratorProgram& program) {
    std::vector<TimedCommand> result;
    bool open = false;
    for (const Command& command : program.commands) {
      encode(command);  // its fields fit
      result.push_back(timed(command, program.parameters));
      if (result.back().unit != Unit::compute) continue;
      const ComputeFault fault = compute_fault(command.operation, program.parameters, open);
      if (fault != ComputeFault::none) {
        fail(ErrorKind::usage, "cycle model: the compute core refuses command {} ({}) with code {}",
             result.size() - 1, command_name(command.operation), static_cast<int>(fault));
      }
      if (result.back().convolve) open = !result.back().last;
    }
    return result;
  }

  // Which fences of the first command of a queue are open.
  std::array<bool, kCommandCounters> missing(Unit unit) const {
    std::array<bool, kCommandCounters> result{};
    const auto& queue = queues_[static_cast<std::size_t>(unit)];
    if (!queue.valid()) return result;
    const TimedCommand& command = commands_[queue.front()];
    for (std::size_t i = 0; i < kCommandCounters; ++i) {
      const auto ahead = static_cast<std::uint16_t>(finished_[i] - command.counts[i]);
      result[i] = command.waits[i] && (ahead & 0x8000U) != 0;
    }
    return result;
  }

  bool offered(Unit unit) const {
    const auto& queue = queues_[static_cast<std::size_t>(unit)];
    if (!queue.valid()) return false;
    const auto open = missing(unit);
    return std::none_of(open.begin(), open.end(), [](bool one) { return one; });
  }

  std::size_t head(Unit unit) const { return queues_[static_cast<std::size_t>(unit)].front(); }

  bool advance(const BusInputs& bus) {
    core_.evaluate(now_);
    read_.arbitrate(bus.arready);
    std::array<bool, 4> taken{};
    ReadDma::Inputs reads;
    reads.arready = bus.arready;
    reads.rvalid = bus.rvalid;

    // Activation loads.
    const bool activations_offered = offered(Unit::activations);
    const bool take_activations =
        activations_offered && !asking_ && activation_descriptors_.ready();
    taken[static_cast<std::size_t>(Unit::activations)] = take_activations;
    reads.segment_valid[kActivations] = asking_;
    reads.segment[kActivations] = {row_address_, row_bytes_, false};
    const bool asks = asking_ && read_.segment_ready(kActivations);
    const bool activation_word = read_.data_valid(kActivations) && activation_descriptors_.valid();
    reads.data_ready[kActivations] = activation_descriptors_.valid();
    const bool activation_row_end = activation_word && read_.last(kActivations);
    const bool activations_end =
        activation_row_end && loaded_row_ == activation_descriptors_.front() - 1;

    // Other loads.
    const bool take_others = offered(Unit::others) && !other_asking_ && other_descriptors_.ready();
    taken[static_cast<std::size_t>(Unit::others)] = take_others;
    reads.segment_valid[kOthers] = other_asking_;
    reads.segment[kOthers] = {other_address_, other_bytes_, false};
    const bool weight_ready = core_.weight_ready();
    const bool row_free = !row_full_ || weight_ready;
    const bool active = other_descriptors_.valid();
    const bool weights = active && commands_[other_descriptors_.front()].weights;
    const bool wide = weights && commands_[other_descriptors_.front()].wide;
    const std::int64_t step_size = wide ? wide_step_ : narrow_step_;
    const std::int64_t steps = (wide ? p_.bus_bytes / 2 : p_.bus_bytes) / step_size;
    const std::int64_t slots = p_.columns / step_size;
    const bool other_word = active && read_.data_valid(kOthers) && (!weights || row_free);
    reads.data_ready[kOthers] = active && (!weights || (row_free && step_ == steps - 1));
    const bool word_done = read_.data_valid(kOthers) && reads.data_ready[kOthers];
    const bool others_end = word_done && read_.last(kOthers);
    const bool row_completes = other_word && weights && slot_ == slots - 1;
    const bool others_done = stream_done_ || (row_full_ && weight_ready && row_ends_);

    // Compute.
    const bool compute_offered = offered(Unit::compute);
    taken[static_cast<std::size_t>(Unit::compute)] = compute_offered && core_.command_ready();

    // Stores.
    const bool take_store = offered(Unit::stores) && !storing_;
    taken[static_cast<std::size_t>(Unit::stores)] = take_store;
    const Segment store_segment{store_address_, store_bytes_, store_rows_ == 1};
    const bool store_goes = storing_ && write_.segment_ready(bus.awready);
    const bool store_done = write_.done(bus.bvalid);

    // Commands: fetched, and handed on.
    std::size_t target = 0;
    bool dispatched = false;
    if (fetch_full_) {
      target = static_cast<std::size_t>(commands_[dispatched_].unit);
      dispatched = queues_[target].ready();
    }
    reads.segment_valid[kFetch] = fetch_request_;
    reads.segment[kFetch] = {fetch_address_,
                             static_cast<std::int64_t>(commands_.size()) * registers::kCommandBytes,
                             false};
    reads.data_ready[kFetch] = !fetch_full_ || dispatched;
    const bool fetched_word = read_.data_valid(kFetch) && reads.data_ready[kFetch];

    count_cycles(1);

    // --- the next state
    const std::array<bool, kCommandCounters> finishing{
        activations_done_, others_done, core_.read_done(), core_.drain_done(), store_done};
    bool changed = dispatched || fetched_word || activation_word || other_word || asks ||
                   store_goes || row_completes || stream_done_ || activations_done_;
    for (std::size_t u = 0; u < 4; ++u) changed = changed || taken[u];
    for (std::size_t i = 0; i < kCommandCounters; ++i) {
      if (!finishing[i]) continue;
      changed = true;
      ++finished_[i];
      if (static_cast<CommandCounter>(i) != CommandCounter::read) ++finished_commands_;
    }

    const bool request_taken = fetch_request_ && read_.segment_ready(kFetch);
    const bool other_taken = other_asking_ && read_.segment_ready(kOthers);
    const std::size_t compute_command = compute_offered ? head(Unit::compute) : 0;
    const bool row_offered = row_full_;

    // The loads' own state, before their queues move on.
    if (take_activations) {
      const TimedCommand& command = commands_[head(Unit::activations)];
      row_address_ = command.address;
      row_pitch_ = command.pitch;
      row_bytes_ = command.row_bytes;
      rows_left_ = command.rows;
    } else if (asks) {
      row_address_ = (row_address_ + row_pitch_) & 0xffffffffLL;
      --rows_left_;
    }
    const std::int64_t rows_taken = take_activations ? rows_left_ : 0;
    asking_ = take_activations || (asking_ && rows_left_ > 0);
    changed =
        activation_descriptors_.step(take_activations, rows_taken, activations_end) || changed;
    if (activation_row_end) loaded_row_ = activations_end ? 0 : loaded_row_ + 1;
    activations_done_ = activations_end;

    const std::size_t other_command = take_others ? head(Unit::others) : 0;
    if (take_others) {
      other_address_ = commands_[other_command].address;
      other_bytes_ = commands_[other_command].row_bytes;
    }
    other_asking_ = take_others || (other_asking_ && !other_taken);
    changed = other_descriptors_.step(take_others, other_command, others_end) || changed;
    if (other_word && weights) {
      step_ = step_ == steps - 1 ? 0 : step_ + 1;
      slot_ = slot_ == slots - 1 ? 0 : slot_ + 1;
      row_ends_ = others_end;
    }
    const bool row_taken = row_full_ && weight_ready;
    row_full_ = row_completes || (row_full_ && !weight_ready);
    stream_done_ = others_end && !weights;
    changed = changed || row_taken || other_taken || request_taken;

    if (take_store) {
      const TimedCommand& command = commands_[head(Unit::stores)];
      store_address_ = command.address;
      store_pitch_ = command.pitch;
      store_bytes_ = command.row_bytes;
      store_rows_ = command.rows;
    }
    changed = write_.step(storing_, store_segment, bus) || changed;
    if (store_goes) {
      store_address_ = (store_address_ + store_pitch_) & 0xffffffffLL;
      --store_rows_;
    }
    storing_ = take_store || (storing_ && store_rows_ > 0);

    fetch_request_ = fetch_request_ && !request_taken;
    changed = read_.step(reads) || changed;

    for (std::size_t u = 0; u < 4; ++u) {
      changed = queues_[u].step(dispatched && target == u, dispatched_, taken[u]) || changed;
    }
    if (dispatched) ++dispatched_;
    const bool completes = fetched_word && fetch_word_ == words_of_command_ - 1;
    fetch_full_ = completes || (fetch_full_ && !dispatched);
    if (fetched_word) fetch_word_ = completes ? 0 : fetch_word_ + 1;

    if (core_.command_ends()) ++ended_compute_;
    changed = core_.step(now_, row_offered, compute_offered, compute_command) || changed;
    return changed;
  }

  // rtl/control/cycle_cause.sv.
  std::size_t cause() const {
    enum : std::size_t {
      kCompute,
      kWeights,
      kTable,
      kPartialSums,
      kActivationsCause,
      kBusRequest,
      kBusData,
      kDrain,
      kIdle
    };
    const auto open = missing(Unit::compute);
    const bool waits_activations = open[static_cast<std::size_t>(CommandCounter::activations)];
    const bool waits_others = open[static_cast<std::size_t>(CommandCounter::others)];
    const Core::State state = core_.state();
    switch (state) {
      case Core::State::computing:
        return kCompute;
      case Core::State::table:
        return kTable;
      case Core::State::partial_sums:
        return kPartialSums;
      default:
        break;
    }
    const bool weights = state == Core::State::weights;
    const bool requesting = weights ? read_.requesting(kOthers)
                                    : (waits_activations && read_.requesting(kActivations)) ||
                                          (waits_others && read_.requesting(kOthers));
    const bool receiving = weights ? read_.receiving(kOthers)
                                   : (waits_activations && read_.receiving(kActivations)) ||
                                         (waits_others && read_.receiving(kOthers));
    if (receiving) return kBusData;
    if (requesting) return kBusRequest;
    if (weights) return kWeights;
    if (waits_activations || waits_others) return kActivationsCause;
    if (state == Core::State::draining || storing_ || write_.busy()) return kDrain;
    return kIdle;
  }

  // The present cycle and those that are like it.
  void count_cycles(Cycle count) {
    const auto cycles = static_cast<std::uint64_t>(count);
    const std::size_t why = cause();
    causes_[why] += cycles;
    if (core_.position()) positions_ += cycles;
    if (core_.tile()) ++tiles_;
    if (!report_.commands.empty()) {
      report_.commands[std::min(ended_compute_, report_.commands.size() - 1)][why] += cycles;
    }
  }

  void set_counters() {
    for (std::size_t i = 0; i < registers::kCounters.size(); ++i) {
      const registers::Counter& counter = registers::kCounters[i];
      std::uint64_t& value = report_.counters[i];
      if (counter.cause >= 0) value = causes_.at(static_cast<std::size_t>(counter.cause));
      namespace names = registers::counter;
      const std::uint32_t address = counter.address;
      if (address == names::kCycles.address) value = static_cast<std::uint64_t>(now_);
      if (address == names::kBytesRead.address) {
        value = read_.beats * static_cast<std::uint64_t>(p_.bus_bytes);
      }
      if (address == names::kBytesWritten.address) value = write_.bytes;
      if (address == names::kBurstsRead.address) value = read_.bursts;
      if (address == names::kBurstsWritten.address) value = write_.bursts;
      if (address == names::kCommands.address) value = commands_.size();
      if (address == names::kTiles.address) value = tiles_;
      if (address == names::kPositions.address) value = positions_;
    }
  }

  AcceleratorParameters p_;
  std::vector<TimedCommand> commands_;
  std::vector<int> magnitudes_;
  ReadDma read_;
  WriteDma write_;
  Core core_;
  std::vector<Fifo<std::size_t>> queues_;  // by Unit
  CycleReport report_;
  Cycle now_ = 0;
  std::array<std::uint16_t, kCommandCounters> finished_{};
  std::int64_t finished_commands_ = 0;
  CauseCycles causes_{};
  std::uint64_t positions_ = 0;
  std::uint64_t tiles_ = 0;
  std::size_t ended_compute_ = 0;
  // rtl/control/activation_loader.sv.
  Fifo<std::int64_t> activation_descriptors_;  // rows
  bool asking_ = false;
  std::int64_t row_address_ = 0;
  std::int64_t row_pitch_ = 0;
  std::int64_t row_bytes_ = 0;
  std::int64_t rows_left_ = 0;
  std::int64_t loaded_row_ = 0;
  bool activations_done_ = false;
  // rtl/control/stream_loader.sv.
  Fifo<std::size_t> other_descriptors_;  // commands
  bool other_asking_ = false;
  std::int64_t other_address_ = 0;
  std::int64_t other_bytes_ = 0;
  std::int64_t narrow_step_ = 1;
  std::int64_t wide_step_ = 1;
  std::int64_t step_ = 0;
  std::int64_t slot_ = 0;
  bool row_full_ = false;
  bool row_ends_ = false;
  bool stream_done_ = false;
  // rtl/control/store_unit.sv.
  bool storing_ = false;
  std::int64_t store_address_ = 0;
  std::int64_t store_pitch_ = 0;
  std::int64_t store_bytes_ = 0;
  std::int64_t store_rows_ = 0;
  // rtl/control/command_fetch.sv and dispatcher.sv.
  std::int64_t fetch_address_ = 0;
  bool fetch_request_ = false;
  bool fetch_full_ = false;
  std::int64_t fetch_word_ = 0;
  std::int64_t words_of_command_ = 4;
  std::size_t dispatched_ = 0;
};

AcceleratorTiming::AcceleratorTiming(const AcceleratorProgram& program, const ShellTiming& shell)
    : implementation_(std::make_unique<Implementation>(program, shell)) {}

AcceleratorTiming::~AcceleratorTiming() = default;

BusOutputs AcceleratorTiming::outputs() const {
  return implementation_->outputs();
}

BusBeat AcceleratorTiming::beat() const {
  return implementation_->beat();
}

bool AcceleratorTiming::step(const BusInputs& inputs) {
  complete_ = implementation_->all_finished();
  return implementation_->step(inputs);
}

std::int64_t AcceleratorTiming::now() const {
  return implementation_->now();
}

std::int64_t AcceleratorTiming::uniform() const {
  return implementation_->uniform();
}

void AcceleratorTiming::skip(std::int64_t cycles) {
  implementation_->skip(cycles);
}

std::int64_t AcceleratorTiming::finished_commands() const {
  return implementation_->finished_commands();
}

std::string AcceleratorTiming::state() const {
  return implementation_->state();
}

CycleReport AcceleratorTiming::report() const {
  return implementation_->report();
}

CycleReport predict_cycles(const AcceleratorProgram& program, const MemoryTiming& timing,
                           const ShellTiming& shell) {
  program.parameters.validate();
  if (program.commands.empty()) {
    CycleReport report;
    report.counters[0] = 1;
    return report;
  }
  constexpr Cycle kStuck = Cycle{1} << 40;
  AcceleratorTiming accelerator(program, shell);
  Memory memory(timing, program.parameters.bus_bytes);
  while (true) {
    const BusOutputs offered = accelerator.outputs();
    const Cycle now = accelerator.now();
    bool changed = accelerator.step(memory.inputs());
    changed = memory.step(now, offered) || changed;
    if (accelerator.complete()) return accelerator.report();
    if (changed) continue;
    const Cycle skipped =
        std::min(accelerator.uniform(), memory.next_event() - 1 - accelerator.now());
    if (skipped <= 0) continue;
    if (skipped >= kStuck) {
      fail(ErrorKind::internal, "cycle model: {}, then nothing goes on", accelerator.state());
    }
    accelerator.skip(skipped);
  }
}

}  // namespace mbm
