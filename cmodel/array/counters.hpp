// What the accelerator counts during a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cmodel/array/registers.hpp"

namespace mbm {

// The counters of a run, in the order of registers::kCounters.
using CounterValues = std::array<std::uint64_t, registers::kCounters.size()>;

inline constexpr std::size_t kCauses = 9;  // registers::kCounters with a cause
using CauseCycles = std::array<std::uint64_t, kCauses>;

// What a cycle can be spent on, in the order of CauseCycles: names of the counters in small
// letters, "bus data".
const std::array<std::string, kCauses>& cause_names();

// The counters that have a cause.
CauseCycles causes_of(const CounterValues& counters);

}  // namespace mbm
