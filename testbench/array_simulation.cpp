#include "testbench/array_simulation.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "cmodel/common/thread_count.hpp"
#include "testbench/array_pass.hpp"

namespace mbm {
namespace {

// Cuts the range into passes: per channel tile, blocks of positions of nearly equal size.
std::vector<ArrayPass> plan_passes(const WeightTiling& tiling, TileRange range,
                                   std::int64_t accumulator_depth) {
  const ConvolutionProblem& p = tiling.problem();
  const std::int64_t positions = p.batch * p.output_height() * p.output_width();
  const std::int64_t blocks = (positions + accumulator_depth - 1) / accumulator_depth;
  std::vector<ArrayPass> passes;
  for (std::int64_t first = range.first; first < range.last;) {
    const std::int64_t channel_tile_end =
        (first / tiling.reduction_tiles() + 1) * tiling.reduction_tiles();
    const std::int64_t last = std::min(range.last, channel_tile_end);
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t begin = positions * block / blocks;
      const std::int64_t end = positions * (block + 1) / blocks;
      passes.push_back({{first, last}, begin, end - begin});
    }
    first = last;
  }
  return passes;
}

// Hands out passes to threads and gathers their results.
class PassQueue {
 public:
  PassQueue(const ConvolutionJob& job, const WeightTiling& tiling, std::vector<ArrayPass> passes,
            const ArraySimulationOptions& options, ArraySimulation& result)
      : job_(job),
        tiling_(tiling),
        passes_(std::move(passes)),
        options_(options),
        result_(result) {}

  // Takes passes until none is left or one failed.
  void work(const GridFactory& make_grid) {
    try {
      const std::unique_ptr<Grid> grid = make_grid();
      while (const ArrayPass* pass = take()) {
        finish(run_pass(job_, tiling_, *pass, *grid, result_.accumulators));
      }
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      error_ = std::current_exception();
      next_ = passes_.size();
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const ArrayPass* take() {
    const std::scoped_lock lock(mutex_);
    return next_ < passes_.size() ? &passes_[next_++] : nullptr;
  }

  void finish(std::int64_t cycles) {
    const std::scoped_lock lock(mutex_);
    result_.cycles += cycles;
    ++finished_;
    if (options_.progress) options_.progress(finished_, result_.passes);
  }

  const ConvolutionJob& job_;
  const WeightTiling& tiling_;
  const std::vector<ArrayPass> passes_;
  const ArraySimulationOptions& options_;
  ArraySimulation& result_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  std::int64_t finished_ = 0;
  std::exception_ptr error_;
};

}  // namespace

ArraySimulation simulate_array(const ConvolutionJob& job, TileRange range,
                               const GridFactory& make_grid,
                               const ArraySimulationOptions& options) {
  job.validate();
  const GridShape shape = make_grid()->shape();
  const WeightTiling tiling(job.problem, shape.rows, shape.columns);
  tiling.require(range);
  std::vector<ArrayPass> passes = plan_passes(tiling, range, shape.accumulator_depth);

  ArraySimulation result;
  result.accumulators.resize(static_cast<std::size_t>(job.problem.output_count()));
  result.rows = shape.rows;
  result.columns = shape.columns;
  result.passes = static_cast<std::int64_t>(passes.size());
  result.products = tiling.product_count(range);
  const auto available = static_cast<std::size_t>(thread_count_or_cores(options.threads));
  result.threads = static_cast<int>(std::min(available, passes.size()));

  PassQueue queue(job, tiling, std::move(passes), options, result);
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < result.threads; ++i) threads.emplace_back([&] { queue.work(make_grid); });
    queue.work(make_grid);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  queue.rethrow();
  return result;
}

}  // namespace mbm
