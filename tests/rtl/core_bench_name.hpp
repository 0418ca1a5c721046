// The names of tests that run on every core bench.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "testbench/core_bench.hpp"

namespace mbm {

inline std::string core_bench_name(const testing::TestParamInfo<std::size_t>& instance) {
  std::string name = core_benches()[instance.param].name;
  std::ranges::replace(name, ' ', '_');
  return name;
}

}  // namespace mbm
