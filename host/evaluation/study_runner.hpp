// The pieces of a study that are left to do, on all cores.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "host/dataset/depth_dataset.hpp"
#include "host/evaluation/depth_study.hpp"

namespace mbm {

// Images first ... last - 1 of a data set, `size` in a forward pass.
struct BatchPlan {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t size = 1;
};

// The variants of one batch that are left to do.
struct StudyTask {
  std::size_t first = 0;
  std::size_t count = 0;
  std::vector<std::size_t> variants;
};

// What is left of `variants` variants on the batches of `plan` when `done` is there already.
std::vector<StudyTask> remaining_tasks(const BatchPlan& plan, std::size_t variants,
                                       const std::vector<StudyPiece>& done);

struct StudyWork {
  int threads = 1;
  // An engine for one worker.
  std::function<std::unique_ptr<ConvolutionEngine>(int threads)> make_engine;
  // Called for every finished piece, one at a time, in no particular order.
  std::function<void(StudyPiece)> keep;
  // Pictures of the images below this index are shown.
  std::size_t shown_before = 0;
  std::function<void(const DepthPictures&)> show;
  Profile* profile = nullptr;  // gets the times, if it is not null
};

// Several workers take task after task, each on its share of the threads: that scales better than
// threads within a layer. The first error ends the work and is rethrown.
void run_tasks(const DepthStudy& study, const Network& network, DepthDataset& dataset,
               const std::vector<StudyTask>& tasks, const StudyWork& work);

}  // namespace mbm
