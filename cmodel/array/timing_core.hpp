// The control state of the compute core, cycle by cycle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/timing_bus.hpp"
#include "cmodel/array/timing_command.hpp"

namespace mbm::timing {

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

}  // namespace mbm::timing
