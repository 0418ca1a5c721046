#include "cmodel/array/command_builder.hpp"

#include <algorithm>

namespace mbm {
namespace {

// Counts are compared modulo 2^16, so a fence must not be older than half of that; an older one is
// replaced by one that waits for a later, yet earlier issued command.
constexpr std::int64_t kOldestFence = 16384;

void assign(IntervalMap& map, const std::vector<Interval>& intervals, std::int64_t index) {
  for (const Interval& one : intervals) map.assign(one.begin, one.end, index);
}

}  // namespace

void CommandBuilder::wait_for(CommandCounter progress, const IntervalMap& touches,
                              const std::vector<Interval>& intervals) {
  auto& wanted = wanted_[static_cast<std::size_t>(progress)];
  for (const Interval& one : intervals) {
    wanted = std::max(wanted, touches.most(one.begin, one.end) + 1);
  }
}

std::int64_t CommandBuilder::issued_of(CommandCounter progress) const {
  switch (progress) {
    case CommandCounter::activations:
      return issued(Unit::activations);
    case CommandCounter::others:
      return issued(Unit::others);
    case CommandCounter::read:
    case CommandCounter::drained:
      return issued(Unit::compute);
    case CommandCounter::stores:
      return issued(Unit::stores);
  }
  return 0;
}

void CommandBuilder::set_fences(Unit unit, Fences& fences) {
  auto& waited = waited_[static_cast<std::size_t>(unit)];
  const auto set = [&](CommandCounter progress, std::optional<std::int64_t>& fence) {
    const auto kind = static_cast<std::size_t>(progress);
    if (wanted_[kind] <= waited[kind]) return;
    waited[kind] = std::max(wanted_[kind], issued_of(progress) - kOldestFence);
    fence = waited[kind];
  };
  set(CommandCounter::activations, fences.activations);
  set(CommandCounter::others, fences.others);
  set(CommandCounter::read, fences.read);
  set(CommandCounter::drained, fences.drained);
  set(CommandCounter::stores, fences.stores);
}

void CommandBuilder::emit(const CommandOperation& operation, const Touched& touched) {
  const Unit unit = unit_of(operation);
  const std::int64_t index = issued(unit);
  wanted_ = {};
  wait_for(CommandCounter::stores, memory_writer_, touched.memory_read);
  wait_for(CommandCounter::activations, memory_activations_, touched.memory_written);
  wait_for(CommandCounter::others, memory_others_, touched.memory_written);
  wait_for(CommandCounter::activations, scratchpad_writer_, touched.scratchpad_read);
  wait_for(CommandCounter::read, scratchpad_reader_, touched.scratchpad_written);
  wait_for(CommandCounter::drained, output_writer_, touched.output_read);
  wait_for(CommandCounter::stores, output_reader_, touched.output_written);
  wait_for(CommandCounter::others, parameters_writer_, touched.parameters_read);
  wait_for(CommandCounter::drained, parameters_reader_, touched.parameters_written);

  assign(unit == Unit::activations ? memory_activations_ : memory_others_, touched.memory_read,
         index);
  assign(memory_writer_, touched.memory_written, index);
  assign(scratchpad_reader_, touched.scratchpad_read, index);
  assign(scratchpad_writer_, touched.scratchpad_written, index);
  assign(output_reader_, touched.output_read, index);
  assign(output_writer_, touched.output_written, index);
  assign(parameters_reader_, touched.parameters_read, index);
  assign(parameters_writer_, touched.parameters_written, index);

  Command command{{}, operation};
  set_fences(unit, command.fences);
  commands_.push_back(command);
  ++issued_[static_cast<std::size_t>(unit)];
}

}  // namespace mbm
