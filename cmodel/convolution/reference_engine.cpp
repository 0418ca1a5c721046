#include <limits>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"

namespace mbm {
namespace {

constexpr int kLargestMagnitude = 255;

void require_operands(const ConvolutionProblem& problem, const char* what,
                      std::span<const std::int16_t> operands, std::int64_t expected) {
  if (static_cast<std::int64_t>(operands.size()) != expected) {
    fail(ErrorKind::usage, "convolution {}: {} {} found, {} expected", problem.description(),
         operands.size(), what, expected);
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i] < -kLargestMagnitude || operands[i] > kLargestMagnitude) {
      fail(ErrorKind::usage, "convolution {}: {}[{}] is {}, -255..255 expected",
           problem.description(), what, i, operands[i]);
    }
  }
}

// Sum of products of one output.
std::int32_t accumulate(const ConvolutionJob& job, std::int64_t image, std::int64_t output_channel,
                        std::int64_t output_y, std::int64_t output_x) {
  const ConvolutionProblem& p = job.problem;
  const std::int64_t channels = p.input_channels_per_group();
  const std::int64_t group = output_channel / p.output_channels_per_group();
  std::int32_t sum = 0;
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

}  // namespace

void ConvolutionJob::validate() const {
  problem.validate();
  if (table == nullptr) fail(ErrorKind::usage, "convolution {}: no table", problem.description());
  require_operands(problem, "activations", activations, problem.activation_count());
  require_operands(problem, "weights", weights, problem.weight_count());
  const std::int64_t bound = problem.reduction_length() * table->maximum();
  if (bound > std::numeric_limits<std::int32_t>::max()) {
    fail(ErrorKind::usage, "convolution {}: sums of up to {} pass int32 with table '{}'",
         problem.description(), bound, table->name());
  }
}

Accumulators ReferenceEngine::run(const ConvolutionJob& job) {
  job.validate();
  const ConvolutionProblem& p = job.problem;
  Accumulators result;
  result.reserve(static_cast<std::size_t>(p.output_count()));
  for (std::int64_t image = 0; image < p.batch; ++image) {
    for (std::int64_t channel = 0; channel < p.output_channels; ++channel) {
      for (std::int64_t y = 0; y < p.output_height(); ++y) {
        for (std::int64_t x = 0; x < p.output_width(); ++x) {
          result.push_back(accumulate(job, image, channel, y, x));
        }
      }
    }
  }
  return result;
}

}  // namespace mbm
