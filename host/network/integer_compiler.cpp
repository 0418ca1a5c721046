#include "host/network/integer_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

class IntegerCompiler {
 public:
  IntegerCompiler(const Network& network, const std::vector<LayerParameters>& parameters,
                  const IntegerQuantization& quantization, const std::vector<std::size_t>& layers)
      : network_(network),
        graph_(network.graph()),
        parameters_(parameters),
        quantization_(quantization),
        uses_(graph_.use_counts()) {
    find_region(layers);
  }

  CompiledNetwork run() {
    for (NodeIndex i = 0; i < graph_.nodes().size(); ++i) {
      if (in_region_[i] && !tensors_.contains(i)) compile(i);
    }
    result_.network.output = tensor(graph_.output());
    result_.network.validate();
    return std::move(result_);
  }

 private:
  // What the chosen layers reach.
  void find_region(const std::vector<std::size_t>& layers) {
    in_region_.assign(graph_.nodes().size(), false);
    for (NodeIndex i = 0; i < graph_.nodes().size(); ++i) {
      const Node& node = graph_.nodes()[i];
      const auto* convolution = std::get_if<ConvolutionOperation>(&node.operation);
      const bool chosen = convolution != nullptr && std::find(layers.begin(), layers.end(),
                                                              convolution->layer) != layers.end();
      const bool reached = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&](NodeIndex input) { return in_region_[input]; });
      if (convolution != nullptr && reached && !chosen) {
        fail(ErrorKind::usage,
             "integer arithmetic runs to the output: layer {} follows a chosen layer and must be "
             "chosen too",
             node.name);
      }
      in_region_[i] = chosen || reached;
    }
    if (in_region_[graph_.output()]) return;
    fail(ErrorKind::usage, "integer arithmetic: no layer of network {} is chosen", network_.name());
  }

  [[noreturn]] void refuse(const Node& node, const std::string& why) const {
    fail(ErrorKind::usage, "network {}: node {} ({}) has no integer form: {}", network_.name(),
         node.name, operation_name(node.operation), why);
  }

  // --- Tensors.

  std::size_t add_tensor(const std::string& name, const FeatureShape& shape,
                         const TensorQuantization& quantization) {
    result_.network.tensors.push_back(
        {name, shape.channels, shape.height, shape.width, quantization.format, quantization.step});
    return result_.network.tensors.size() - 1;
  }

  // The tensor of a node; one that is computed in float becomes an input.
  std::size_t tensor(NodeIndex node) {
    const auto found = tensors_.find(node);
    if (found != tensors_.end()) return found->second;
    if (in_region_[node]) refuse(graph_.nodes()[node], "its tensor is not computed");
    const std::size_t added = add_tensor(graph_.nodes()[node].name, graph_.nodes()[node].shape,
                                         quantization_.tensors[node]);
    tensors_[node] = added;
    result_.network.inputs.push_back(added);
    result_.inputs.push_back(node);
    return added;
  }

  double step(NodeIndex node) const { return quantization_.tensors[node].step; }

  void add_node(NodeIndex place, NodeIndex output, IntegerOperation operation,
                std::vector<std::size_t> inputs) {
    const Node& node = graph_.nodes()[output];
    const std::size_t added = add_tensor(node.name, node.shape, quantization_.tensors[output]);
    result_.network.nodes.push_back(
        {graph_.nodes()[place].name, std::move(operation), std::move(inputs), added});
    tensors_[output] = added;
  }

  // --- Activations, as bounds of the codes and the slope below zero.

  struct Bounds {
    std::int16_t lowest;
    std::int16_t highest;
    double negative_slope;
  };

  // Of the node that writes the tensor `output`, which is `activation` or not one.
  Bounds bounds_of(NodeIndex output) const {
    const OperandFormat format = quantization_.tensors[output].format;
    Bounds bounds{static_cast<std::int16_t>(smallest_code(format)),
                  static_cast<std::int16_t>(largest_code(format)), 1.0};
    const Operation& operation = graph_.nodes()[output].operation;
    if (const auto* clip = std::get_if<ClipOperation>(&operation)) {
      bounds.lowest = clamped_code(clip->lower, output);
      bounds.highest = clamped_code(clip->upper, output);
    } else if (const auto* leaky = std::get_if<LeakyReluOperation>(&operation)) {
      bounds.negative_slope = leaky->slope;
    }
    return bounds;
  }

  std::int16_t clamped_code(double value, NodeIndex node) const {
    const OperandFormat format = quantization_.tensors[node].format;
    const double code = std::nearbyint(value / step(node));
    return static_cast<std::int16_t>(std::clamp(code, static_cast<double>(smallest_code(format)),
                                                static_cast<double>(largest_code(format))));
  }

  // The same factor for `channels` channels, without bias.
  Requantization uniform_requantization(double factor, std::int64_t channels,
                                        NodeIndex output) const {
    const Bounds bounds = bounds_of(output);
    return {std::vector<ChannelRequantization>(
                static_cast<std::size_t>(channels),
                channel_requantization(factor, bounds.negative_slope, 0)),
            quantization_.rounding, bounds.lowest, bounds.highest};
  }

  // --- Operations.

  void compile(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    if (std::holds_alternative<ConvolutionOperation>(node.operation)) return convolution(place);
    if (std::holds_alternative<AddOperation>(node.operation)) return addition(place);
    if (std::holds_alternative<ConcatenationOperation>(node.operation)) return concatenation(place);
    if (std::holds_alternative<ResizeOperation>(node.operation)) return resize(place);
    if (const auto* pool = std::get_if<MaxPoolOperation>(&node.operation)) {
      return add_node(
          place, place,
          IntegerMaxPool{pool->kernel_height, pool->kernel_width, pool->stride, pool->padding},
          {tensor(node.inputs[0])});
    }
    if (std::holds_alternative<AveragePoolOperation>(node.operation)) return average_pool(place);
    if (std::holds_alternative<ClipOperation>(node.operation) ||
        std::holds_alternative<LeakyReluOperation>(node.operation)) {
      return rescale_into(place);
    }
    if (std::holds_alternative<SoftmaxOperation>(node.operation) && place == graph_.output()) {
      tensors_[place] = tensor(node.inputs[0]);
      return;
    }
    refuse(node, "not one of the integer operations");
  }

  void convolution(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    const std::size_t index = std::get<ConvolutionOperation>(node.operation).layer;
    const ConvolutionLayer& layer = network_.layers()[index];
    const NodeIndex output = fused_activation(graph_, place, uses_);
    const Bounds bounds = bounds_of(output);
    const std::vector<float>& steps = quantization_.weight_steps[index];
    Requantization requantization{{}, quantization_.rounding, bounds.lowest, bounds.highest};
    for (std::int64_t o = 0; o < layer.problem.output_channels; ++o) {
      const double weight_step = steps[steps.size() == 1 ? 0 : static_cast<std::size_t>(o)];
      const double sum_step = weight_step * step(node.inputs[0]);
      const double bias = parameters_[index].bias[o].item<float>();
      const double factor = sum_step / step(output);
      const std::int32_t code = integer_bias(layer, bias / sum_step);
      if (quantization_.divides && bounds.negative_slope != 1.0) {
        refuse(node, "division has no second slope for sums below zero");
      }
      requantization.channels.push_back(
          quantization_.divides ? divided_requantization(factor, code)
                                : channel_requantization(factor, bounds.negative_slope, code));
    }
    add_node(place, output,
             IntegerConvolution{layer.problem, weight_codes(index), std::move(requantization)},
             {tensor(node.inputs[0])});
  }

  static std::int32_t integer_bias(const ConvolutionLayer& layer, double bias) {
    const double rounded = std::nearbyint(bias);
    if (std::abs(rounded) > std::numeric_limits<std::int32_t>::max()) {
      fail(ErrorKind::usage, "layer {}: a bias of {} steps of its sums, at most 2^31 - 1 expected",
           layer.name, rounded);
    }
    return static_cast<std::int32_t>(rounded);
  }

  std::vector<std::int16_t> weight_codes(std::size_t index) const {
    const at::Tensor weight = parameters_[index].weight.contiguous();
    return quantize_channels({weight.data_ptr<float>(), static_cast<std::size_t>(weight.numel())},
                             quantization_.weight_steps[index], quantization_.weight_format,
                             "weights of layer " + network_.layers()[index].name)
        .codes;
  }

  void addition(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    const NodeIndex output = fused_activation(graph_, place, uses_);
    const Bounds bounds = bounds_of(output);
    AdditionRequantization requantization = addition_requantization(
        step(node.inputs[0]) / step(output), step(node.inputs[1]) / step(output));
    requantization.rounding = quantization_.rounding;
    requantization.lowest = bounds.lowest;
    requantization.highest = bounds.highest;
    add_node(place, output, IntegerAddition{requantization},
             {tensor(node.inputs[0]), tensor(node.inputs[1])});
  }

  void concatenation(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    const TensorQuantization& whole = quantization_.tensors[place];
    std::vector<std::size_t> parts;
    for (const NodeIndex input : node.inputs) {
      const TensorQuantization& part = quantization_.tensors[input];
      const bool fits =
          part.format == whole.format ||
          (part.format == OperandFormat::uint8 && whole.format == OperandFormat::sign_magnitude8);
      if (part.step == whole.step && fits) {
        parts.push_back(tensor(input));
        continue;
      }
      const Node& source = graph_.nodes()[input];
      const Requantization requantization = uniform_requantization_for(
          part.step / static_cast<double>(whole.step), source.shape.channels, whole.format);
      const std::size_t rescaled =
          add_tensor(fmt::format("{}.{}", node.name, source.name), source.shape, whole);
      result_.network.nodes.push_back({fmt::format("{}.rescale.{}", node.name, source.name),
                                       IntegerRescale{requantization},
                                       {tensor(input)},
                                       rescaled});
      parts.push_back(rescaled);
    }
    add_node(place, place, IntegerConcatenation{}, std::move(parts));
  }

  Requantization uniform_requantization_for(double factor, std::int64_t channels,
                                            OperandFormat format) const {
    return {std::vector<ChannelRequantization>(static_cast<std::size_t>(channels),
                                               channel_requantization(factor, 1.0, 0)),
            quantization_.rounding, static_cast<std::int16_t>(smallest_code(format)),
            static_cast<std::int16_t>(largest_code(format))};
  }

  void resize(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    const FeatureShape& in = graph_.nodes()[node.inputs[0]].shape;
    const std::size_t input = tensor(node.inputs[0]);
    switch (std::get<ResizeOperation>(node.operation).interpolation) {
      case Interpolation::bilinear_aligned:
        return add_node(place, place, IntegerBilinearUpsample{}, {input});
      case Interpolation::nearest:
        if (node.shape.height % in.height != 0 || node.shape.width % in.width != 0) {
          refuse(node, "the factor is no whole number");
        }
        return add_node(place, place, IntegerNearestUpsample{}, {input});
      case Interpolation::bilinear_half_pixel:
        refuse(node, "bilinear interpolation with half-pixel centres");
    }
  }

  void average_pool(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    const auto& pool = std::get<AveragePoolOperation>(node.operation);
    if (pool.padding != 0 && !pool.counts_padding)
      refuse(node, "a divisor that changes at the edge");
    const auto size = static_cast<double>(pool.kernel_height * pool.kernel_width);
    add_node(place, place,
             IntegerAveragePool{pool.kernel_height, pool.kernel_width, pool.stride, pool.padding,
                                uniform_requantization(step(node.inputs[0]) / (size * step(place)),
                                                       node.shape.channels, place)},
             {tensor(node.inputs[0])});
  }

  // An activation that no other operation could take along.
  void rescale_into(NodeIndex place) {
    const Node& node = graph_.nodes()[place];
    add_node(place, place,
             IntegerRescale{uniform_requantization(step(node.inputs[0]) / step(place),
                                                   node.shape.channels, place)},
             {tensor(node.inputs[0])});
  }

  const Network& network_;
  const Graph& graph_;
  const std::vector<LayerParameters>& parameters_;
  const IntegerQuantization& quantization_;
  std::vector<std::size_t> uses_;
  std::vector<bool> in_region_;
  std::map<NodeIndex, std::size_t> tensors_;
  CompiledNetwork result_;
};

}  // namespace

CompiledNetwork compile_integer_network(const Network& network,
                                        const std::vector<LayerParameters>& parameters,
                                        const IntegerQuantization& quantization,
                                        const std::vector<std::size_t>& layers) {
  return IntegerCompiler(network, parameters, quantization, layers).run();
}

}  // namespace mbm
