#include <algorithm>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/convolution/limited_accumulation.hpp"

namespace mbm {
namespace {

struct Output {
  std::int64_t image;
  std::int64_t channel;
  std::int64_t y;
  std::int64_t x;
};

// One product of the sum of an output.
std::int32_t product(const ConvolutionJob& job, const Output& output, const SumTerm& term) {
  const ConvolutionProblem& p = job.problem;
  const std::int64_t channels = p.input_channels_per_group();
  const std::int64_t group = output.channel / p.output_channels_per_group();
  const std::int64_t y = output.y * p.stride - p.padding + term.row * p.dilation;
  const std::int64_t x = output.x * p.stride - p.padding + term.column * p.dilation;
  const bool inside = y >= 0 && y < p.input_height && x >= 0 && x < p.input_width;
  const std::int64_t channel = output.image * p.input_channels + group * channels + term.channel;
  const int activation =
      inside ? job.activations[(channel * p.input_height + y) * p.input_width + x] : 0;
  const std::int64_t row = (output.channel * channels + term.channel) * p.kernel_height + term.row;
  const int weight = job.weights[row * p.kernel_width + term.column];
  return job.table->signed_product(weight, activation);
}

// Sum of products of one output.
template <typename Sum>
Sum accumulate(const ConvolutionJob& job, const Output& output) {
  const ConvolutionProblem& p = job.problem;
  Sum sum = 0;
  for (std::int64_t c = 0; c < p.input_channels_per_group(); ++c) {
    for (std::int64_t i = 0; i < p.kernel_height; ++i) {
      for (std::int64_t j = 0; j < p.kernel_width; ++j) {
        sum += product(job, output, {c, i, j});
      }
    }
  }
  return sum;
}

// The same in an accumulator of limited width.
std::int32_t accumulate_limited(const ConvolutionJob& job, const Output& output,
                                const AccumulatorLimit& limit, const TermOrder& order) {
  std::int64_t sum = 0;
  std::size_t term = 0;
  for (const std::size_t end : order.addend_ends) {
    std::int64_t addend = 0;
    for (; term < end; ++term) addend += product(job, output, order.terms[term]);
    sum += addend;
    if (limit.additions == LimitedAdditions::every) sum = limited(sum, limit);
  }
  return limited(sum, limit);
}

// compute(output) of all outputs in their order.
template <typename Sum, typename Compute>
std::vector<Sum> for_all_outputs(const ConvolutionProblem& p, const Compute& compute) {
  std::vector<Sum> result;
  result.reserve(static_cast<std::size_t>(p.output_count()));
  for (std::int64_t image = 0; image < p.batch; ++image) {
    for (std::int64_t channel = 0; channel < p.output_channels; ++channel) {
      for (std::int64_t y = 0; y < p.output_height(); ++y) {
        for (std::int64_t x = 0; x < p.output_width(); ++x) {
          result.push_back(compute(Output{image, channel, y, x}));
        }
      }
    }
  }
  return result;
}

template <typename Sum>
std::vector<Sum> convolve(const ConvolutionJob& job) {
  return for_all_outputs<Sum>(job.problem,
                              [&](const Output& output) { return accumulate<Sum>(job, output); });
}

}  // namespace

void ConvolutionEngine::run_into(const ConvolutionJob& job, std::span<std::int32_t> sums) {
  const Accumulators result = run(job);
  job.problem.require_output_count(sums.size());
  std::copy(result.begin(), result.end(), sums.begin());
}

Accumulators ConvolutionEngine::run_limited(const ConvolutionJob&, const AccumulatorLimit&) {
  fail(ErrorKind::usage, "engine {}: accumulators of limited width are not among its own", name());
}

WideAccumulators ConvolutionEngine::run_wide(const ConvolutionJob& job) {
  const Accumulators sums = run(job);
  return WideAccumulators(sums.begin(), sums.end());
}

Accumulators ReferenceEngine::run(const ConvolutionJob& job) {
  job.validate();
  return convolve<std::int32_t>(job);
}

WideAccumulators ReferenceEngine::run_wide(const ConvolutionJob& job) {
  job.check();
  return convolve<std::int64_t>(job);
}

Accumulators ReferenceEngine::run_limited(const ConvolutionJob& job,
                                          const AccumulatorLimit& limit) {
  limit.validate();
  job.validate();
  const TermOrder order = term_order(job.problem, limit);
  return for_all_outputs<std::int32_t>(job.problem, [&](const Output& output) {
    return accumulate_limited(job, output, limit, order);
  });
}

}  // namespace mbm
