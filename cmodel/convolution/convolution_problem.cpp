#include "cmodel/convolution/convolution_problem.hpp"

#include <fmt/format.h>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

void require_at_least(const ConvolutionProblem& problem, const char* field, std::int64_t value,
                      std::int64_t minimum) {
  if (value < minimum) {
    fail(ErrorKind::usage, "convolution {}: {} is {}, at least {} expected", problem.description(),
         field, value, minimum);
  }
}

}  // namespace

void ConvolutionProblem::validate() const {
  require_at_least(*this, "batch", batch, 1);
  require_at_least(*this, "input_channels", input_channels, 1);
  require_at_least(*this, "input_height", input_height, 1);
  require_at_least(*this, "input_width", input_width, 1);
  require_at_least(*this, "output_channels", output_channels, 1);
  require_at_least(*this, "kernel_height", kernel_height, 1);
  require_at_least(*this, "kernel_width", kernel_width, 1);
  require_at_least(*this, "stride", stride, 1);
  require_at_least(*this, "padding", padding, 0);
  require_at_least(*this, "dilation", dilation, 1);
  require_at_least(*this, "groups", groups, 1);
  if (input_channels % groups != 0 || output_channels % groups != 0) {
    fail(ErrorKind::usage,
         "convolution {}: groups {} does not divide {} input and {} output channels", description(),
         groups, input_channels, output_channels);
  }
  require_at_least(*this, "padded input height less the kernel's extent",
                   input_height + 2 * padding - dilation * (kernel_height - 1), 1);
  require_at_least(*this, "padded input width less the kernel's extent",
                   input_width + 2 * padding - dilation * (kernel_width - 1), 1);
}

void ConvolutionProblem::require_output_count(std::size_t found) const {
  if (static_cast<std::int64_t>(found) != output_count()) {
    fail(ErrorKind::usage, "convolution {}: room for {} sums found, {} expected", description(),
         found, output_count());
  }
}

std::string ConvolutionProblem::description() const {
  return fmt::format("{}x{}x{}x{} * {}x{}x{}x{} s{} p{} d{} g{}", batch, input_channels,
                     input_height, input_width, output_channels,
                     groups > 0 ? input_channels / groups : 0, kernel_height, kernel_width, stride,
                     padding, dilation, groups);
}

}  // namespace mbm
