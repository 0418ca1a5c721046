#include <algorithm>

#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {
namespace {

// Sum of products of one output.
template <typename Sum>
Sum accumulate(const ConvolutionJob& job, std::int64_t image, std::int64_t output_channel,
               std::int64_t output_y, std::int64_t output_x) {
  const ConvolutionProblem& p = job.problem;
  const std::int64_t channels = p.input_channels_per_group();
  const std::int64_t group = output_channel / p.output_channels_per_group();
  Sum sum = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t i = 0; i < p.kernel_height; ++i) {
      for (std::int64_t j = 0; j < p.kernel_width; ++j) {
        const std::int64_t y = output_y * p.stride - p.padding + i * p.dilation;
        const std::int64_t x = output_x * p.stride - p.padding + j * p.dilation;
        const bool inside = y >= 0 && y < p.input_height && x >= 0 && x < p.input_width;
        const std::int64_t channel = image * p.input_channels + group * channels + c;
        const int activation =
            inside ? job.activations[(channel * p.input_height + y) * p.input_width + x] : 0;
        const int weight =
            job.weights[((output_channel * channels + c) * p.kernel_height + i) * p.kernel_width +
                        j];
        sum += job.table->signed_product(weight, activation);
      }
    }
  }
  return sum;
}

template <typename Sum>
std::vector<Sum> convolve(const ConvolutionJob& job) {
  const ConvolutionProblem& p = job.problem;
  std::vector<Sum> result;
  result.reserve(static_cast<std::size_t>(p.output_count()));
  for (std::int64_t image = 0; image < p.batch; ++image) {
    for (std::int64_t channel = 0; channel < p.output_channels; ++channel) {
      for (std::int64_t y = 0; y < p.output_height(); ++y) {
        for (std::int64_t x = 0; x < p.output_width(); ++x) {
          result.push_back(accumulate<Sum>(job, image, channel, y, x));
        }
      }
    }
  }
  return result;
}

}  // namespace

void ConvolutionEngine::run_into(const ConvolutionJob& job, std::span<std::int32_t> sums) {
  const Accumulators result = run(job);
  job.problem.require_output_count(sums.size());
  std::copy(result.begin(), result.end(), sums.begin());
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

}  // namespace mbm
