#include "cmodel/array/fence_order.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kModulus = 65536;
constexpr std::array<std::string_view, kCommandCounters> kNames{
    "activation loads", "other loads", "compute commands read", "compute commands drained",
    "stores"};

}  // namespace

// The queue compares counts modulo 2^16: up to half of that behind the count is past, the rest is
// still to come.
std::int64_t FenceOrder::resolve(std::int64_t count, CommandCounter progress) const {
  const auto kind = static_cast<std::size_t>(progress);
  const auto entered = static_cast<std::int64_t>(finished_[kind].size());
  const std::int64_t behind = (((entered - count) % kModulus) + kModulus) % kModulus;
  if (behind >= kModulus / 2) {
    fail(ErrorKind::internal, "fence: waits for {} {}, {} come before it in the program", count,
         kNames[kind], entered);
  }
  return entered - behind;
}

FenceClock FenceOrder::enter(const Command& command) {
  const Unit unit = unit_of(command.operation);
  const auto index = static_cast<std::size_t>(unit);
  FenceClock clock = started_[index];
  const auto wait = [&](const std::optional<std::int64_t>& count, CommandCounter progress) {
    if (!count) return;
    const std::int64_t finished = resolve(*count, progress);
    if (finished <= 0) return;
    const auto kind = static_cast<std::size_t>(progress);
    clock.join(finished_[kind][static_cast<std::size_t>(finished - 1)]);
  };
  wait(command.fences.activations, CommandCounter::activations);
  wait(command.fences.others, CommandCounter::others);
  wait(command.fences.read, CommandCounter::read);
  wait(command.fences.drained, CommandCounter::drained);
  wait(command.fences.stores, CommandCounter::stores);
  started_[index] = clock;
  ++entered_[index];

  const auto finish = [&](CommandCounter progress, FenceClock known) {
    auto& all = finished_[static_cast<std::size_t>(progress)];
    if (!all.empty()) known.join(all.back());
    known.raise(progress, static_cast<std::int64_t>(all.size()) + 1);
    all.push_back(known);
    return known;
  };
  switch (unit) {
    case Unit::activations:
      finish(CommandCounter::activations, clock);
      break;
    case Unit::others:
      finish(CommandCounter::others, clock);
      break;
    case Unit::compute:
      finish(CommandCounter::drained, finish(CommandCounter::read, clock));
      break;
    case Unit::stores:
      finish(CommandCounter::stores, clock);
      break;
  }
  return clock;
}

}  // namespace mbm
