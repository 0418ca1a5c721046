#include "cmodel/convolution/limited_accumulation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <span>

namespace mbm {
namespace {

// Output positions that a block holds side by side: four vectors of 16 sums.
constexpr std::int64_t kBlock = 64;
using Lanes = std::array<std::int32_t, kBlock>;
using Operands = std::array<std::int16_t, kBlock>;

// Products of a weight with -255..255, whose middle is the product with 0.
constexpr int kLargestOperand = 255;
using ProductRow = std::array<std::int32_t, 2 * kLargestOperand + 1>;

struct Bounds {
  std::int32_t lowest;
  std::int32_t highest;
};

// acc = clamp(acc + the products of an addend's terms), position by position; the smallest and
// largest sums before the clamp are noted for whoever wants them.
struct LimitedLanes {
  Lanes sums{};
  Lanes smallest{};
  Lanes largest{};
};

[[gnu::always_inline]] inline void add_products(const Operands& operands, const std::int32_t* row,
                                                Lanes& addend) {
  for (std::size_t p = 0; p < kBlock; ++p) addend[p] += row[operands[p]];
}

[[gnu::always_inline]] inline void add_exact_products(const Operands& operands, std::int32_t weight,
                                                      Lanes& addend) {
  for (std::size_t p = 0; p < kBlock; ++p) addend[p] += weight * operands[p];
}

[[gnu::always_inline]] inline void add_limited(const Lanes& addend, Bounds bounds,
                                               LimitedLanes& lanes) {
  for (std::size_t p = 0; p < kBlock; ++p) {
    const std::int32_t sum = lanes.sums[p] + addend[p];
    lanes.smallest[p] = std::min(lanes.smallest[p], sum);
    lanes.largest[p] = std::max(lanes.largest[p], sum);
    lanes.sums[p] = std::clamp(sum, bounds.lowest, bounds.highest);
  }
}

// What a block computes for one output channel.
struct ChannelWork {
  std::span<const std::int16_t> weights;  // in the order of the terms
  const ProductRow* rows;                 // by weight magnitude; null: exact products
  std::span<const Operands> operands;     // in the order of the terms
  std::span<const std::size_t> addend_ends;
  Bounds bounds;
};

[[gnu::always_inline]] inline void accumulate_loop(const ChannelWork& work, LimitedLanes& lanes) {
  std::size_t term = 0;
  for (const std::size_t end : work.addend_ends) {
    Lanes addend{};
    for (; term < end; ++term) {
      const int weight = work.weights[term];
      if (work.rows == nullptr) {
        add_exact_products(work.operands[term], weight, addend);
      } else {
        const ProductRow& row = work.rows[static_cast<std::size_t>(weight + kLargestOperand)];
        add_products(work.operands[term], row.data() + kLargestOperand, addend);
      }
    }
    add_limited(addend, work.bounds, lanes);
  }
}

void accumulate_plain(const ChannelWork& work, LimitedLanes& lanes) {
  accumulate_loop(work, lanes);
}

// The same loop, for the compiler to vectorise.
[[gnu::target("avx2")]] void accumulate_avx2(const ChannelWork& work, LimitedLanes& lanes) {
  accumulate_loop(work, lanes);
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void accumulate_avx512(
    const ChannelWork& work, LimitedLanes& lanes) {
  accumulate_loop(work, lanes);
}

using Accumulate = void (*)(const ChannelWork&, LimitedLanes&);

Accumulate best_accumulate() {
  switch (detected_instruction_set()) {
    case InstructionSet::avx512:
      return accumulate_avx512;
    case InstructionSet::avx2:
      return accumulate_avx2;
    case InstructionSet::scalar:
      break;
  }
  return accumulate_plain;
}

bool is_exact(const ProductTable& table) {
  for (std::size_t a = 0; a < ProductTable::kOperands; ++a) {
    for (std::size_t b = 0; b < ProductTable::kOperands; ++b) {
      if (table(a, b) != a * b) return false;
    }
  }
  return true;
}

// Rows of the products of all weights -255..255.
std::vector<ProductRow> product_rows(const ProductTable& table) {
  std::vector<ProductRow> rows(2 * kLargestOperand + 1);
  for (int weight = -kLargestOperand; weight <= kLargestOperand; ++weight) {
    for (int activation = -kLargestOperand; activation <= kLargestOperand; ++activation) {
      rows[static_cast<std::size_t>(weight + kLargestOperand)]
          [static_cast<std::size_t>(activation + kLargestOperand)] =
              table.signed_product(weight, activation);
    }
  }
  return rows;
}

class LimitedConvolution {
 public:
  LimitedConvolution(const ConvolutionJob& job, const AccumulatorLimit& limit)
      : job_(job),
        problem_(job.problem),
        order_(term_order(job.problem, limit)),
        accumulate_(best_accumulate()),
        plane_(job.problem.output_height() * job.problem.output_width()),
        blocks_((job.problem.batch * plane_ + kBlock - 1) / kBlock) {
    if (!is_exact(*job.table)) rows_ = product_rows(*job.table);
    order_weights();
  }

  // Calls keep(output channel, first position, positions, lanes) for every block and channel;
  // positions count through the planes of all images.
  template <typename Keep>
  void run(Bounds bounds, ThreadPool& pool, const Keep& keep) const {
    pool.for_each(blocks_, [&](std::int64_t block, int) {
      const std::int64_t first = block * kBlock;
      const std::int64_t count = std::min(kBlock, problem_.batch * plane_ - first);
      std::vector<Operands> operands(order_.terms.size());
      for (std::int64_t group = 0; group < problem_.groups; ++group) {
        gather(group, first, count, operands);
        const std::int64_t channels = problem_.output_channels_per_group();
        for (std::int64_t o = group * channels; o < (group + 1) * channels; ++o) {
          LimitedLanes lanes;
          accumulate_({weights_of(o), rows_.empty() ? nullptr : rows_.data(), operands,
                       order_.addend_ends, bounds},
                      lanes);
          keep(o, first, count, lanes);
        }
      }
    });
  }

  std::int64_t output_index(std::int64_t channel, std::int64_t position) const {
    return (position / plane_ * problem_.output_channels + channel) * plane_ + position % plane_;
  }

 private:
  std::span<const std::int16_t> weights_of(std::int64_t output_channel) const {
    return std::span(weights_).subspan(
        static_cast<std::size_t>(output_channel) * order_.terms.size(), order_.terms.size());
  }

  void order_weights() {
    for (std::int64_t o = 0; o < problem_.output_channels; ++o) {
      for (const SumTerm& term : order_.terms) {
        const std::int64_t index =
            ((o * problem_.input_channels_per_group() + term.channel) * problem_.kernel_height +
             term.row) *
                problem_.kernel_width +
            term.column;
        weights_.push_back(job_.weights[static_cast<std::size_t>(index)]);
      }
    }
  }

  // The operands that the positions of a block read, term by term; 0 outside the input and in lanes
  // without a position.
  void gather(std::int64_t group, std::int64_t first, std::int64_t count,
              std::vector<Operands>& operands) const {
    const ConvolutionProblem& p = problem_;
    for (std::size_t t = 0; t < order_.terms.size(); ++t) {
      const SumTerm& term = order_.terms[t];
      const std::int64_t channel = group * p.input_channels_per_group() + term.channel;
      operands[t].fill(0);
      for (std::int64_t lane = 0; lane < count; ++lane) {
        const std::int64_t position = first + lane;
        const std::int64_t image = position / plane_;
        const std::int64_t pixel = position % plane_;
        const std::int64_t y =
            pixel / p.output_width() * p.stride - p.padding + term.row * p.dilation;
        const std::int64_t x =
            pixel % p.output_width() * p.stride - p.padding + term.column * p.dilation;
        if (y < 0 || y >= p.input_height || x < 0 || x >= p.input_width) continue;
        operands[t][static_cast<std::size_t>(lane)] = job_.activations[static_cast<std::size_t>(
            ((image * p.input_channels + channel) * p.input_height + y) * p.input_width + x)];
      }
    }
  }

  const ConvolutionJob& job_;
  const ConvolutionProblem& problem_;
  TermOrder order_;
  Accumulate accumulate_;
  std::int64_t plane_;
  std::int64_t blocks_;
  std::vector<ProductRow> rows_;
  std::vector<std::int16_t> weights_;
};

// Chunks of at most `most` terms of the run that began at `first`.
void cut_run(TermOrder& order, std::size_t first, std::size_t most) {
  for (std::size_t end = first + most; end < order.terms.size(); end += most) {
    order.addend_ends.push_back(end);
  }
  order.addend_ends.push_back(order.terms.size());
}

TermOrder array_order(const ConvolutionProblem& problem, std::size_t rows) {
  TermOrder order;
  const bool one_run = problem.groups == 1 && problem.dilation == 1;
  for (std::int64_t i = 0; i < problem.kernel_height; ++i) {
    std::size_t first = order.terms.size();
    for (std::int64_t j = 0; j < problem.kernel_width; ++j) {
      for (std::int64_t c = 0; c < problem.input_channels_per_group(); ++c) {
        order.terms.push_back({c, i, j});
      }
      if (one_run && j + 1 < problem.kernel_width) continue;
      cut_run(order, first, rows);
      first = order.terms.size();
    }
  }
  return order;
}

TermOrder loop_order(const ConvolutionProblem& problem) {
  TermOrder order;
  for (std::int64_t c = 0; c < problem.input_channels_per_group(); ++c) {
    for (std::int64_t i = 0; i < problem.kernel_height; ++i) {
      for (std::int64_t j = 0; j < problem.kernel_width; ++j) {
        order.terms.push_back({c, i, j});
        order.addend_ends.push_back(order.terms.size());
      }
    }
  }
  return order;
}

}  // namespace

TermOrder term_order(const ConvolutionProblem& problem, const AccumulatorLimit& limit) {
  if (limit.order == AdditionOrder::loop) return loop_order(problem);
  return array_order(problem, static_cast<std::size_t>(limit.array_rows));
}

bool limits_every_addition(const ConvolutionJob& job, const AccumulatorLimit& limit) {
  const std::int64_t largest = job.problem.reduction_length() * job.table->maximum();
  return limit.additions == LimitedAdditions::every &&
         limit.overflow == AccumulatorOverflow::saturate && bits_needed(-largest) > limit.bits;
}

Accumulators accumulate_limited(const ConvolutionJob& job, const AccumulatorLimit& limit,
                                ThreadPool& pool) {
  limit.validate();
  job.validate();
  const LimitedConvolution convolution(job, limit);
  Accumulators sums(static_cast<std::size_t>(job.problem.output_count()));
  const Bounds bounds{limited(INT64_MIN, limit), limited(INT64_MAX, limit)};
  convolution.run(
      bounds, pool,
      [&](std::int64_t channel, std::int64_t first, std::int64_t count, const LimitedLanes& lanes) {
        for (std::int64_t lane = 0; lane < count; ++lane) {
          const auto index = convolution.output_index(channel, first + lane);
          sums[static_cast<std::size_t>(index)] = lanes.sums[static_cast<std::size_t>(lane)];
        }
      });
  return sums;
}

PartialSumRange partial_sum_range(const ConvolutionJob& job, const AccumulatorLimit& limit,
                                  ThreadPool& pool) {
  job.validate();
  const LimitedConvolution convolution(job, limit);
  PartialSumRange whole;
  std::mutex mutex;
  convolution.run({INT32_MIN, INT32_MAX}, pool,
                  [&](std::int64_t, std::int64_t, std::int64_t count, const LimitedLanes& lanes) {
                    const auto smallest =
                        *std::min_element(lanes.smallest.begin(), lanes.smallest.begin() + count);
                    const auto largest =
                        *std::max_element(lanes.largest.begin(), lanes.largest.begin() + count);
                    const std::lock_guard lock(mutex);
                    whole.smallest = std::min(whole.smallest, smallest);
                    whole.largest = std::max(whole.largest, largest);
                  });
  return whole;
}

}  // namespace mbm
