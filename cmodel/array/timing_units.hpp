// The control state of the units around the compute core, cycle by cycle: what fetches commands,
// loads and stores. A unit says what it asks for in the present cycle; step() ends the cycle and
// returns whether anything changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cmodel/array/accelerator_parameters.hpp"
#include "cmodel/array/registers.hpp"
#include "cmodel/array/timing_bus.hpp"
#include "cmodel/array/timing_command.hpp"

namespace mbm::timing {

// Rows of memory that a command moves, one after the other.
class MemoryRows {
 public:
  bool left() const { return left_ > 0; }
  std::int64_t count() const { return left_; }
  Segment segment(bool last) const { return {address_, bytes_, last}; }

  void begin(const TimedCommand& command) {
    address_ = command.address;
    pitch_ = command.pitch;
    bytes_ = command.row_bytes;
    left_ = command.rows;
  }
  void advance() {
    address_ = (address_ + pitch_) & 0xffffffffLL;
    --left_;
  }

 private:
  std::int64_t address_ = 0;
  std::int64_t pitch_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t left_ = 0;
};

constexpr std::int64_t kLoadDescriptors = 4;

// rtl/control/activation_loader.sv.
class ActivationLoader {
 public:
  bool ready() const { return !asking_ && descriptors_.ready(); }
  bool asking() const { return asking_; }  // for a row
  Segment segment() const { return rows_.segment(false); }
  bool data_ready() const { return descriptors_.valid(); }
  bool done() const { return done_; }

  // `command`: the one that is taken, or null; `asked`: the row that is asked for is granted;
  // `word`, `row_end`: a word comes in, the last one of a row.
  bool step(const TimedCommand* command, bool asked, bool word, bool row_end) {
    const bool ends = row_end && loaded_row_ == descriptors_.front() - 1;
    bool changed = word || asked || done_;
    if (command != nullptr) {
      rows_.begin(*command);
    } else if (asked) {
      rows_.advance();
    }
    asking_ = command != nullptr || (asking_ && rows_.left());
    changed = descriptors_.step(command != nullptr, rows_.count(), ends) || changed;
    if (row_end) loaded_row_ = ends ? 0 : loaded_row_ + 1;
    done_ = ends;
    return changed;
  }

 private:
  Fifo<std::int64_t> descriptors_{kLoadDescriptors};  // rows
  bool asking_ = false;
  MemoryRows rows_;
  std::int64_t loaded_row_ = 0;
  bool done_ = false;
};

// rtl/control/stream_loader.sv: weights, parameters, the product table.
class StreamLoader {
 public:
  // Operands go into the row register as many a cycle as the bus has, of one byte or of two.
  explicit StreamLoader(const AcceleratorParameters& parameters)
      : bus_bytes_(parameters.bus_bytes),
        columns_(parameters.columns),
        narrow_step_(std::min(columns_, bus_bytes_)),
        wide_step_(std::min(columns_, bus_bytes_ / 2)) {}

  bool ready() const { return !asking_ && descriptors_.ready(); }
  bool asking() const { return asking_; }
  Segment segment() const { return segment_; }
  bool row_full() const { return row_full_; }  // of weights, offered to the core

  // The combinational part of a cycle: whether the DMA has a word, the last one of the command, and
  // the core takes a row.
  void evaluate(bool data_valid, bool last, bool weight_ready) {
    const bool active = descriptors_.valid();
    weights_ = active && descriptors_.front()->weights;
    const bool wide = weights_ && descriptors_.front()->wide;
    const std::int64_t size = wide ? wide_step_ : narrow_step_;
    steps_ = (wide ? bus_bytes_ / 2 : bus_bytes_) / size;
    slots_ = columns_ / size;
    const bool row_free = !row_full_ || weight_ready;
    operand_word_ = active && data_valid && (!weights_ || row_free);
    data_ready_ = active && (!weights_ || (row_free && step_ == steps_ - 1));
    ends_ = data_valid && data_ready_ && last;
    row_completes_ = operand_word_ && weights_ && slot_ == slots_ - 1;
    row_taken_ = row_full_ && weight_ready;
  }

  bool data_ready() const { return data_ready_; }
  bool done() const { return stream_done_ || (row_taken_ && row_ends_); }

  bool step(const TimedCommand* command, bool asked) {
    bool changed = operand_word_ || row_completes_ || stream_done_ || row_taken_ || asked;
    if (command != nullptr) segment_ = {command->address, command->row_bytes, false};
    asking_ = command != nullptr || (asking_ && !asked);
    changed = descriptors_.step(command != nullptr, command, ends_) || changed;
    if (operand_word_ && weights_) {
      step_ = step_ == steps_ - 1 ? 0 : step_ + 1;
      slot_ = slot_ == slots_ - 1 ? 0 : slot_ + 1;
      row_ends_ = ends_;
    }
    row_full_ = row_completes_ || (row_full_ && !row_taken_);
    stream_done_ = ends_ && !weights_;
    return changed;
  }

 private:
  std::int64_t bus_bytes_;
  std::int64_t columns_;
  std::int64_t narrow_step_;
  std::int64_t wide_step_;
  Fifo<const TimedCommand*> descriptors_{kLoadDescriptors};
  bool asking_ = false;
  Segment segment_;
  std::int64_t step_ = 0;
  std::int64_t slot_ = 0;
  bool row_full_ = false;
  bool row_ends_ = false;
  bool stream_done_ = false;
  // Of the present cycle.
  bool weights_ = false;
  std::int64_t steps_ = 1;
  std::int64_t slots_ = 1;
  bool operand_word_ = false;
  bool data_ready_ = false;
  bool ends_ = false;
  bool row_completes_ = false;
  bool row_taken_ = false;
};

// rtl/control/store_unit.sv.
class StoreUnit {
 public:
  bool ready() const { return !storing_; }
  bool storing() const { return storing_; }
  Segment segment() const { return rows_.segment(rows_.count() == 1); }

  bool step(const TimedCommand* command, bool asked) {
    if (command != nullptr) rows_.begin(*command);
    if (asked) rows_.advance();
    storing_ = command != nullptr || (storing_ && rows_.left());
    return asked;
  }

 private:
  bool storing_ = false;
  MemoryRows rows_;
};

// rtl/control/command_fetch.sv and dispatcher.sv.
class CommandFetch {
 public:
  explicit CommandFetch(const AcceleratorProgram& program)
      : program_{program.command_address,
                 static_cast<std::int64_t>(program.commands.size()) * registers::kCommandBytes,
                 false},
        words_of_command_(registers::kCommandBytes / program.parameters.bus_bytes) {}

  bool asking() const { return asking_; }
  Segment segment() const { return program_; }
  bool full() const { return full_; }  // a command waits to be dispatched, this one:
  std::size_t next() const { return next_; }
  bool data_ready(bool dispatched) const { return !full_ || dispatched; }

  bool step(bool asked, bool word, bool dispatched) {
    asking_ = asking_ && !asked;
    if (dispatched) ++next_;
    const bool completes = word && word_ == words_of_command_ - 1;
    full_ = completes || (full_ && !dispatched);
    if (word) word_ = completes ? 0 : word_ + 1;
    return asked || word || dispatched;
  }

 private:
  Segment program_;
  std::int64_t words_of_command_;
  bool asking_ = true;
  bool full_ = false;
  std::int64_t word_ = 0;
  std::size_t next_ = 0;
};

}  // namespace mbm::timing
