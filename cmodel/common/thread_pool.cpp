#include "cmodel/common/thread_pool.hpp"

#include <algorithm>
#include <atomic>

#include "cmodel/common/thread_count.hpp"

namespace mbm {

struct ThreadPool::Loop {
  std::int64_t count = 0;
  const std::function<void(std::int64_t, int)>* body = nullptr;
  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr error;
};

ThreadPool::ThreadPool(int threads) {
  threads = thread_count_or_cores(threads);
  workers_.reserve(static_cast<std::size_t>(threads - 1));
  for (int worker = 1; worker < threads; ++worker) {
    workers_.emplace_back([this, worker] { work(worker); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  started_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run_indices(Loop& loop, int worker) {
  try {
    for (std::int64_t index = loop.next++; index < loop.count; index = loop.next++) {
      (*loop.body)(index, worker);
    }
  } catch (...) {
    loop.next = loop.count;
    const std::lock_guard lock(loop.mutex);
    if (!loop.error) loop.error = std::current_exception();
  }
}

void ThreadPool::work(int worker) {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    started_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    Loop* loop = loop_;
    lock.unlock();
    run_indices(*loop, worker);
    lock.lock();
    if (--running_ == 0) finished_.notify_one();
  }
}

void ThreadPool::for_each(std::int64_t count,
                          const std::function<void(std::int64_t index, int worker)>& body) {
  const std::lock_guard only_caller(caller_mutex_);
  Loop loop;
  loop.count = count;
  loop.body = &body;
  const bool shared = !workers_.empty() && count > 1;
  if (shared) {
    const std::lock_guard lock(mutex_);
    loop_ = &loop;
    running_ = static_cast<int>(workers_.size());
    ++generation_;
  }
  if (shared) started_.notify_all();
  run_indices(loop, 0);
  if (shared) {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return running_ == 0; });
    loop_ = nullptr;
  }
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace mbm
