#include "cmodel/network/integer_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cmodel/common/error.hpp"

namespace mbm {

std::string_view integer_operation_name(const IntegerOperation& operation) {
  static constexpr std::array<std::string_view, std::variant_size_v<IntegerOperation>> kNames{
      "convolution",       "max-pool", "average-pool",  "nearest-upsample",
      "bilinear-upsample", "addition", "concatenation", "rescale"};
  return kNames.at(operation.index());
}

namespace {

// Beyond this the step of an interpolation could pass the last source pixel.
constexpr std::int64_t kLargestUpsampledSize = 65536;

// One node with its tensors, so that every message names it.
class NodeCheck {
 public:
  NodeCheck(const IntegerNetwork& network, const IntegerNode& node)
      : network_(network), node_(node) {}

  void operator()(const IntegerConvolution& convolution) const {
    require_inputs(1);
    const ConvolutionProblem& problem = convolution.problem;
    problem.validate();
    require_shape(input(), problem.input_channels, problem.input_height, problem.input_width);
    require_shape(output(), problem.output_channels, problem.output_height(),
                  problem.output_width());
    require(problem.batch == 1, "a batch of 1");
    require(static_cast<std::int64_t>(convolution.weights.size()) == problem.weight_count(),
            fmt::format("{} weights", problem.weight_count()));
    const auto fits = [](int weight) { return weight >= -255 && weight <= 255; };
    require(std::all_of(convolution.weights.begin(), convolution.weights.end(), fits),
            "weights of -255..255");
    require_requantization(convolution.requantization);
    if (convolution.limit) convolution.limit->validate();
  }

  void operator()(const IntegerMaxPool& pool) const {
    require_inputs(1);
    require_pool(pool);
    require_same_format(input());
  }

  void operator()(const IntegerAveragePool& pool) const {
    require_inputs(1);
    require_pool(pool);
    require_multiplication(pool.requantization);
  }

  void operator()(const IntegerNearestUpsample&) const {
    require_inputs(1);
    require(output().channels == input().channels && output().height % input().height == 0 &&
                output().width % input().width == 0,
            "a whole multiple of the input's size");
    require_same_format(input());
  }

  void operator()(const IntegerBilinearUpsample&) const {
    require_inputs(1);
    require(output().channels == input().channels && output().height <= kLargestUpsampledSize &&
                output().width <= kLargestUpsampledSize,
            "the input's channels and at most 65536 rows and columns");
    require_same_format(input());
  }

  void operator()(const IntegerAddition& addition) const {
    require_inputs(2);
    for (std::size_t i = 0; i < 2; ++i) {
      require_shape(input(i), output().channels, output().height, output().width);
    }
    require_bounds(addition.requantization.lowest, addition.requantization.highest);
    require(addition.requantization.shift <= kLargestRequantizationShift, "a shift of at most 47");
  }

  void operator()(const IntegerConcatenation&) const {
    std::int64_t channels = 0;
    for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
      require_shape(input(i), input(i).channels, output().height, output().width);
      channels += input(i).channels;
      // Non-negative codes are codes of sign and magnitude as well.
      const bool widens = input(i).format == OperandFormat::uint8 &&
                          output().format == OperandFormat::sign_magnitude8;
      if (!widens) require_same_format(input(i));
    }
    require(channels == output().channels, fmt::format("{} channels", channels));
  }

  void operator()(const IntegerRescale& rescale) const {
    require_inputs(1);
    require_shape(input(), output().channels, output().height, output().width);
    require_multiplication(rescale.requantization);
  }

 private:
  const IntegerTensor& input(std::size_t index = 0) const {
    return network_.tensors[node_.inputs[index]];
  }
  const IntegerTensor& output() const { return network_.tensors[node_.output]; }

  void require(bool holds, const std::string& expected) const {
    if (holds) return;
    fail(ErrorKind::usage, "integer network: {} '{}': {} expected",
         integer_operation_name(node_.operation), node_.name, expected);
  }

  void require_inputs(std::size_t count) const {
    require(node_.inputs.size() == count, fmt::format("{} inputs", count));
  }

  void require_shape(const IntegerTensor& tensor, std::int64_t channels, std::int64_t height,
                     std::int64_t width) const {
    require(tensor.channels == channels && tensor.height == height && tensor.width == width,
            fmt::format("tensor '{}' of {}x{}x{}", tensor.name, channels, height, width));
  }

  void require_same_format(const IntegerTensor& tensor) const {
    require(tensor.format == output().format, fmt::format("the format of '{}'", tensor.name));
  }

  void require_bounds(int lowest, int highest) const {
    require(lowest >= smallest_code(output().format) && highest <= largest_code(output().format) &&
                lowest <= highest,
            fmt::format("bounds within {}", operand_format_name(output().format)));
  }

  void require_requantization(const Requantization& requantization) const {
    requantization.validate();
    require_bounds(requantization.lowest, requantization.highest);
    require(static_cast<std::int64_t>(requantization.channels.size()) == output().channels,
            fmt::format("requantisation of {} channels", output().channels));
  }

  // Only sums of products are divided.
  void require_multiplication(const Requantization& requantization) const {
    require_requantization(requantization);
    require(!requantization.divides(), "requantisation by multiplication");
  }

  template <typename Pool>
  void require_pool(const Pool& pool) const {
    const auto pooled = [&](std::int64_t size, std::int64_t kernel) {
      return (size + 2 * pool.padding - kernel) / pool.stride + 1;
    };
    require(pool.kernel_height >= 1 && pool.kernel_width >= 1 && pool.stride >= 1 &&
                pool.padding >= 0 && 2 * pool.padding <= pool.kernel_height &&
                2 * pool.padding <= pool.kernel_width &&
                pool.kernel_height <= input().height + 2 * pool.padding &&
                pool.kernel_width <= input().width + 2 * pool.padding,
            "a window within its input");
    require_shape(output(), input().channels, pooled(input().height, pool.kernel_height),
                  pooled(input().width, pool.kernel_width));
  }

  const IntegerNetwork& network_;
  const IntegerNode& node_;
};

}  // namespace

void IntegerNetwork::validate() const {
  std::vector<bool> known(tensors.size(), false);
  const auto require_tensor = [&](std::size_t tensor, const std::string& user) {
    if (tensor < tensors.size()) return;
    fail(ErrorKind::usage, "integer network: {}: tensor {} found, below {} expected", user, tensor,
         tensors.size());
  };
  for (const IntegerTensor& tensor : tensors) {
    if (tensor.channels < 1 || tensor.height < 1 || tensor.width < 1) {
      fail(ErrorKind::usage, "integer network: tensor '{}' of {}x{}x{}, at least 1x1x1 expected",
           tensor.name, tensor.channels, tensor.height, tensor.width);
    }
  }
  for (const std::size_t tensor : inputs) {
    require_tensor(tensor, "input");
    known[tensor] = true;
  }
  for (const IntegerNode& node : nodes) {
    for (const std::size_t tensor : node.inputs) {
      require_tensor(tensor, node.name);
      if (known[tensor]) continue;
      fail(ErrorKind::usage, "integer network: node '{}' reads tensor '{}' before it is computed",
           node.name, tensors[tensor].name);
    }
    require_tensor(node.output, node.name);
    if (node.inputs.empty() || known[node.output]) {
      fail(ErrorKind::usage, "integer network: node '{}' without input, or a tensor written twice",
           node.name);
    }
    std::visit(NodeCheck(*this, node), node.operation);
    known[node.output] = true;
  }
  require_tensor(output, "output");
  if (!known[output]) {
    fail(ErrorKind::usage, "integer network: output '{}' is not computed", tensors[output].name);
  }
}

}  // namespace mbm
