// What the accelerator counts during a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cmodel/array/registers.hpp"

namespace mbm {

// The counters of a run, in the order of registers::kCounters.
using CounterValues = std::array<std::uint64_t, registers::kCounters.size()>;

inline constexpr std::size_t kCauses = 9;  // registers::kCounters with a cause
using CauseCycles = std::array<std::uint64_t, kCauses>;

}  // namespace mbm
