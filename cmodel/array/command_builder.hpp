// Writes a program: commands in order, each with the fences that what it touches demands.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "cmodel/array/command.hpp"
#include "cmodel/array/fence_order.hpp"
#include "cmodel/array/interval_map.hpp"

namespace mbm {

struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// What a command reads and writes: bytes of memory, elements of scratchpad and output buffer,
// channels of the parameters.
struct Touched {
  std::vector<Interval> memory_read;
  std::vector<Interval> memory_written;
  std::vector<Interval> scratchpad_read;
  std::vector<Interval> scratchpad_written;
  std::vector<Interval> output_read;
  std::vector<Interval> output_written;
  std::vector<Interval> parameters_read;
  std::vector<Interval> parameters_written;
};

class CommandBuilder {
 public:
  // Appends a command that waits for all earlier ones whose results it needs and whose operands it
  // overwrites, and for no other ones (but see kOldestFence in the source).
  void emit(const CommandOperation& operation, const Touched& touched);

  const std::vector<Command>& commands() const { return commands_; }
  std::vector<Command> take() { return std::move(commands_); }
  std::int64_t issued(Unit unit) const { return issued_[static_cast<std::size_t>(unit)]; }

 private:
  void wait_for(CommandCounter progress, const IntervalMap& touches,
                const std::vector<Interval>& intervals);
  std::int64_t issued_of(CommandCounter progress) const;
  void set_fences(Unit unit, Fences& fences);

  std::vector<Command> commands_;
  std::array<std::int64_t, 4> issued_{};
  std::array<std::int64_t, kCommandCounters> wanted_{};  // of the present command; 0: nothing
  std::array<std::array<std::int64_t, kCommandCounters>, 4> waited_{};  // by the units so far
  IntervalMap scratchpad_writer_;
  IntervalMap scratchpad_reader_;
  IntervalMap output_writer_;
  IntervalMap output_reader_;
  IntervalMap parameters_writer_;
  IntervalMap parameters_reader_;
  IntervalMap memory_writer_;
  IntervalMap memory_activations_;
  IntervalMap memory_others_;
};

}  // namespace mbm
