// Threads that live as long as their pool, for loops whose iterations are independent.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mbm {

// `threads` workers, the calling thread of `for_each` among them. One loop at a time; a pool may be
// used from several threads, whose loops then run one after another.
class ThreadPool {
 public:
  // `threads` = 0: as many as the machine has cores.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(index, worker) once for every index of 0..count-1, in any order; `worker`, below
  // size(), names the thread, so that bodies of one worker never overlap. Returns when all are
  // done; rethrows the first exception, after which no further index is started.
  void for_each(std::int64_t count,
                const std::function<void(std::int64_t index, int worker)>& body);

 private:
  struct Loop;

  void work(int worker);
  static void run_indices(Loop& loop, int worker);

  std::vector<std::thread> workers_;
  std::mutex caller_mutex_;  // held for the whole of a loop
  std::mutex mutex_;         // guards what follows
  std::condition_variable started_;
  std::condition_variable finished_;
  Loop* loop_ = nullptr;
  std::uint64_t generation_ = 0;
  int running_ = 0;
  bool stopping_ = false;
};

}  // namespace mbm
