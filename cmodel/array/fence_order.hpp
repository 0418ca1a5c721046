// What the fences of commands promise: which commands are known to have finished when a command
// begins, whatever the speed of memory and units. Counts are those of docs/accelerator.md,
// section 5.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "cmodel/array/command.hpp"

namespace mbm {

// Counters of finished commands.
enum class CommandCounter : std::uint8_t { activations, others, read, drained, stores };
inline constexpr std::size_t kCommandCounters = 5;

// For each counter the least that it is known to have reached.
class FenceClock {
 public:
  std::int64_t operator[](CommandCounter progress) const {
    return known_[static_cast<std::size_t>(progress)];
  }
  void raise(CommandCounter progress, std::int64_t count) {
    auto& known = known_[static_cast<std::size_t>(progress)];
    known = std::max(known, count);
  }
  void join(const FenceClock& other) {
    for (std::size_t i = 0; i < kCommandCounters; ++i) {
      known_[i] = std::max(known_[i], other.known_[i]);
    }
  }

 private:
  std::array<std::int64_t, kCommandCounters> known_{};
};

class FenceOrder {
 public:
  // Enters the next command of the program and returns what is known when it begins: its own
  // fences, what the commands that it waits for knew, and what its unit knew before. Throws
  // Error(internal) if a fence waits for a command that has not been entered: it would wait for
  // ever.
  FenceClock enter(const Command& command);

  // Commands of a unit that have been entered.
  std::int64_t entered(Unit unit) const { return entered_[static_cast<std::size_t>(unit)]; }

 private:
  std::int64_t resolve(std::int64_t count, CommandCounter progress) const;

  std::array<std::int64_t, 4> entered_{};
  std::array<FenceClock, 4> started_{};  // the last command of each unit
  std::array<std::vector<FenceClock>, kCommandCounters> finished_;
};

}  // namespace mbm
