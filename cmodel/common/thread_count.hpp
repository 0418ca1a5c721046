// What "0 threads" means everywhere.
#pragma once

#include <algorithm>
#include <thread>

namespace mbm {

// `requested` threads if it is positive, else one a core; at least 1.
inline int thread_count_or_cores(int requested) {
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace mbm
