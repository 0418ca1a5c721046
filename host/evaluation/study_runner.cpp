#include "host/evaluation/study_runner.hpp"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <mutex>
#include <set>
#include <utility>

namespace mbm {
namespace {

// glibc does not use aligned blocks again that were freed and split: its heap grows by some 20 MB
// an image of 480 x 640, 10 GB in 500 images, unless what is free is given back now and then.
constexpr int kTasksBetweenTrims = 32;

class Workers {
 public:
  Workers(const DepthStudy& study, const Network& network, DepthDataset& dataset,
          const std::vector<StudyTask>& tasks, const StudyWork& work)
      : study_(study), network_(network), dataset_(dataset), tasks_(tasks), work_(work) {}

  // One worker: takes tasks until there are none, or one has failed somewhere.
  void run(int threads) {
    at::set_num_threads(threads);
    const auto engine = work_.make_engine(threads);
    for (int done = 1; const StudyTask* task = next(); ++done) {
      try {
        evaluate(*task, *engine);
        if (done % kTasksBetweenTrims == 0) malloc_trim(0);
      } catch (...) {
        failed_ = true;
        throw;
      }
    }
  }

 private:
  const StudyTask* next() {
    const std::size_t index = next_.fetch_add(1);
    return failed_ || index >= tasks_.size() ? nullptr : &tasks_[index];
  }

  void evaluate(const StudyTask& task, ConvolutionEngine& engine) {
    const DepthBatch batch = load(task);
    const auto keep = [this](StudyPiece piece) {
      const std::lock_guard lock(result_mutex_);
      work_.keep(std::move(piece));
    };
    study_.evaluate(batch, task.first, task.variants, engine, keep,
                    task.first < work_.shown_before ? work_.show : nullptr, work_.profile);
  }

  DepthBatch load(const StudyTask& task) {
    const std::lock_guard lock(dataset_mutex_);
    return load_batch(network_, dataset_, task.first, task.count);
  }

  const DepthStudy& study_;
  const Network& network_;
  DepthDataset& dataset_;
  const std::vector<StudyTask>& tasks_;
  const StudyWork& work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex dataset_mutex_;
  std::mutex result_mutex_;
};

}  // namespace

std::vector<StudyTask> remaining_tasks(const BatchPlan& plan, std::size_t variants,
                                       const std::vector<StudyPiece>& done) {
  std::set<std::pair<std::size_t, std::size_t>> finished;
  for (const StudyPiece& piece : done) finished.emplace(piece.first, piece.variant);
  std::vector<StudyTask> tasks;
  for (std::size_t first = plan.first; first < plan.last; first += plan.size) {
    StudyTask task{first, std::min(plan.size, plan.last - first), {}};
    for (std::size_t variant = 0; variant < variants; ++variant) {
      if (!finished.contains({first, variant})) task.variants.push_back(variant);
    }
    if (!task.variants.empty()) tasks.push_back(std::move(task));
  }
  return tasks;
}

void run_tasks(const DepthStudy& study, const Network& network, DepthDataset& dataset,
               const std::vector<StudyTask>& tasks, const StudyWork& work) {
  Workers workers(study, network, dataset, tasks, work);
  const int count = std::min(work.threads, static_cast<int>(tasks.size()));
  std::vector<std::future<void>> running;
  for (int worker = 0; worker < count; ++worker) {
    running.push_back(std::async(std::launch::async,
                                 [&workers, &work, count] { workers.run(work.threads / count); }));
  }
  std::exception_ptr error;
  for (std::future<void>& worker : running) {
    try {
      worker.get();
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace mbm
