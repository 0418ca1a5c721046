// Independent work on the images of a data set, on several threads, with results in order.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <future>
#include <vector>

namespace mbm {

// Calls load(i) for i = 0 .. count - 1 in order on this thread, work(loaded) on one of `threads`
// others, on one thread each, and take(result) in order on this thread, so that what is summed up
// does not depend on the number of threads.
template <typename Load, typename Work, typename Take>
void for_each_image(std::size_t count, int threads, const Load& load, const Work& work,
                    const Take& take) {
  using Result = decltype(work(load(std::size_t{0})));
  const auto group = static_cast<std::size_t>(threads);
  for (std::size_t first = 0; first < count; first += group) {
    std::vector<std::future<Result>> running;
    for (std::size_t i = first; i < std::min(count, first + group); ++i) {
      running.push_back(std::async(std::launch::async, [&work, loaded = load(i)] {
        at::set_num_threads(1);
        return work(loaded);
      }));
    }
    for (std::future<Result>& result : running) take(result.get());
  }
}

}  // namespace mbm
