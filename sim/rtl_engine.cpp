#include "sim/rtl_engine.hpp"

#include <algorithm>
#include <utility>

#include "cmodel/common/error.hpp"
#include "sim/array_simulation.hpp"

namespace mbm {

RtlEngine::RtlEngine(std::string multiplier, int threads)
    : multiplier_(std::move(multiplier)), threads_(threads) {
  grid_factory(multiplier_);
}

Accumulators RtlEngine::run(const ConvolutionJob& job) {
  job.validate();
  if (!std::ranges::equal(job.table->products(), make_product_table(multiplier_).products())) {
    fail(ErrorKind::usage, "rtl engine: table '{}' found, that of '{}' expected", job.table->name(),
         multiplier_);
  }
  const GridFactory factory = grid_factory(multiplier_);
  const GridShape shape = factory()->shape();
  const WeightTiling tiling(job.problem, shape.rows, shape.columns);
  return simulate_array(job, tiling.all_tiles(), factory, {.threads = threads_, .progress = {}})
      .accumulators;
}

}  // namespace mbm
