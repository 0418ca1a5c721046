#include "host/network/integer_quantization.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

TensorRange range_of(const at::Tensor& tensor, const std::string& name) {
  const auto [lowest, highest] = at::aminmax(tensor);
  const TensorRange range{std::min(lowest.item<float>(), 0.0F),
                          std::max(highest.item<float>(), 0.0F)};
  // A NaN is the minimum and the maximum of its tensor.
  if (!std::isfinite(lowest.item<float>()) || !std::isfinite(highest.item<float>())) {
    fail(ErrorKind::input, "calibration: node {} has values {} to {}, finite ones expected", name,
         lowest.item<float>(), highest.item<float>());
  }
  return range;
}

// Sets of nodes that share a step.
class StepGroups {
 public:
  explicit StepGroups(const Graph& graph) : graph_(graph), readers_(graph.nodes().size()) {
    leader_.resize(graph.nodes().size());
    std::iota(leader_.begin(), leader_.end(), NodeIndex{0});
    for (NodeIndex i = 0; i < graph.nodes().size(); ++i) {
      for (const NodeIndex input : graph.nodes()[i].inputs) readers_[input].push_back(i);
    }
    for (NodeIndex i = graph.nodes().size(); i-- > 0;) {
      if (keeps_step(graph.nodes()[i].operation)) join(i, graph.nodes()[i].inputs[0]);
      if (!is_only_concatenated(i)) continue;
      for (const NodeIndex reader : readers_[i]) join(i, reader);
    }
  }

  NodeIndex leader(NodeIndex node) const {
    while (leader_[node] != node) node = leader_[node];
    return node;
  }

 private:
  void join(NodeIndex a, NodeIndex b) { leader_[leader(a)] = leader(b); }

  bool is_only_concatenated(NodeIndex node) const {
    if (node == graph_.output()) return false;
    return std::all_of(readers_[node].begin(), readers_[node].end(), [&](NodeIndex reader) {
      const Operation& operation = graph_.nodes()[reader].operation;
      return std::holds_alternative<ConcatenationOperation>(operation) ||
             (keeps_step(operation) && is_only_concatenated(reader));
    });
  }

  const Graph& graph_;
  std::vector<std::vector<NodeIndex>> readers_;
  std::vector<NodeIndex> leader_;
};

// Per node, whether its tensor cannot be negative.
std::vector<bool> non_negative_tensors(const Graph& graph, const TensorRange& input) {
  std::vector<bool> result;
  for (const Node& node : graph.nodes()) {
    bool inputs_are = !node.inputs.empty();
    for (const NodeIndex i : node.inputs) inputs_are = inputs_are && result[i];
    const auto* clip = std::get_if<ClipOperation>(&node.operation);
    if (std::holds_alternative<InputOperation>(node.operation)) {
      result.push_back(input.lowest >= 0.0F);
    } else if (std::holds_alternative<ConvolutionOperation>(node.operation)) {
      result.push_back(false);
    } else {
      result.push_back(inputs_are || (clip != nullptr && clip->lower >= 0.0));
    }
  }
  return result;
}

std::vector<float> weight_steps(const ConvolutionLayer& layer, const LayerParameters& parameters,
                                float activation_step, const QuantizationScheme& scheme) {
  const OperandFormat format = weight_format(scheme.operands);
  const auto magnitude = [&](const at::Tensor& weight) {
    return maximum_magnitude({weight.data_ptr<float>(), static_cast<std::size_t>(weight.numel())},
                             "weights of layer " + layer.name);
  };
  // Half of what an int32 bias in steps of the sums can hold.
  constexpr float kLargestBias = 1 << 30;
  const auto step_for = [&](float maximum, float bias) {
    const float step = std::max(step_for_maximum(maximum, format),
                                std::abs(bias) / (kLargestBias * activation_step));
    return round_step(step, scheme.step_rounding);
  };
  const float whole = magnitude(parameters.weight);
  const at::Tensor bias = parameters.bias.contiguous();
  if (scheme.weight_scales == WeightScales::tensor) {
    return {step_for(whole, at::max(at::abs(bias)).item<float>())};
  }
  std::vector<float> steps;
  for (std::int64_t o = 0; o < layer.problem.output_channels; ++o) {
    const float own = magnitude(parameters.weight[o]);
    steps.push_back(step_for(own > 0.0F ? own : whole, bias.data_ptr<float>()[o]));
  }
  return steps;
}

// Per node, the step that the largest magnitude of its group needs.
std::vector<float> shared_steps(const Graph& graph, const std::vector<TensorRange>& ranges,
                                const std::vector<TensorQuantization>& tensors) {
  const std::vector<std::size_t> uses = graph.use_counts();
  const StepGroups groups(graph);
  std::vector<float> of_groups(tensors.size(), 0.0F);
  for (NodeIndex i = 0; i < tensors.size(); ++i) {
    const float maximum = std::max(ranges[i].highest, -ranges[i].lowest);
    // A tensor that is never kept, or holds nothing but zeros, asks for no step.
    if (fused_activation(graph, i, uses) != i || maximum == 0.0F) continue;
    float& step = of_groups[groups.leader(i)];
    step = std::max(step, step_for_maximum(maximum, tensors[i].format));
  }
  std::vector<float> steps;
  for (NodeIndex i = 0; i < tensors.size(); ++i) {
    const float step = of_groups[groups.leader(i)];
    steps.push_back(step > 0.0F ? step : 1.0F);
  }
  return steps;
}

}  // namespace

bool keeps_step(const Operation& operation) {
  return std::holds_alternative<MaxPoolOperation>(operation) ||
         std::holds_alternative<ResizeOperation>(operation) ||
         std::holds_alternative<FlattenOperation>(operation) ||
         std::holds_alternative<SoftmaxOperation>(operation);
}

NodeIndex fused_activation(const Graph& graph, NodeIndex node,
                           const std::vector<std::size_t>& use_counts) {
  const auto& nodes = graph.nodes();
  const bool convolves = std::holds_alternative<ConvolutionOperation>(nodes[node].operation);
  const bool adds = std::holds_alternative<AddOperation>(nodes[node].operation);
  if ((!convolves && !adds) || use_counts[node] != 1 || node == graph.output()) return node;
  for (NodeIndex reader = node + 1; reader < nodes.size(); ++reader) {
    const auto& inputs = nodes[reader].inputs;
    if (std::find(inputs.begin(), inputs.end(), node) == inputs.end()) continue;
    const Operation& operation = nodes[reader].operation;
    const bool clips = std::holds_alternative<ClipOperation>(operation);
    const bool leaks = std::holds_alternative<LeakyReluOperation>(operation);
    return clips || (leaks && convolves) ? reader : node;
  }
  return node;
}

std::vector<TensorRange> measure_tensor_ranges(
    const Network& network, const std::vector<LayerParameters>& parameters, std::size_t count,
    const std::function<at::Tensor(std::size_t)>& image) {
  if (count == 0) fail(ErrorKind::usage, "calibration: 0 images found, at least 1 expected");
  const Graph& graph = network.graph();
  std::vector<TensorRange> ranges(graph.nodes().size());
  for (std::size_t i = 0; i < count; ++i) {
    graph.run(
        image(i),
        [&](std::size_t index, const at::Tensor& input) {
          return convolve_float(network.layers()[index], parameters[index], input);
        },
        [&](NodeIndex node, const at::Tensor& tensor) {
          const TensorRange range = range_of(tensor, graph.nodes()[node].name);
          ranges[node].lowest = std::min(ranges[node].lowest, range.lowest);
          ranges[node].highest = std::max(ranges[node].highest, range.highest);
        });
  }
  return ranges;
}

IntegerQuantization choose_integer_quantization(const Network& network,
                                                const std::vector<LayerParameters>& parameters,
                                                const std::vector<TensorRange>& ranges,
                                                const QuantizationScheme& scheme,
                                                RequantizationRounding rounding) {
  if (scheme.activation_range != RangeMethod::max_abs) {
    fail(ErrorKind::usage, "integer arithmetic chooses activation ranges by max-abs, {} found",
         name_of(scheme.activation_range));
  }
  if (largest_code(weight_format(scheme.operands)) < 127) {
    fail(ErrorKind::usage, "integer arithmetic has operands of 8 bits, {} found",
         name_of(scheme.operands));
  }
  const Graph& graph = network.graph();
  IntegerQuantization result;
  result.weight_format = weight_format(scheme.operands);
  result.rounding = rounding;
  for (const bool non_negative : non_negative_tensors(graph, ranges.front())) {
    const bool is_uint8 = non_negative && scheme.operands != OperandScheme::int8;
    result.tensors.push_back(
        {0.0F, is_uint8 ? OperandFormat::uint8 : activation_format(scheme.operands, -1.0F)});
  }
  const std::vector<float> steps = shared_steps(graph, ranges, result.tensors);
  for (NodeIndex i = 0; i < graph.nodes().size(); ++i) {
    result.tensors[i].step = round_step(steps[i], scheme.step_rounding);
  }
  for (const Node& node : graph.nodes()) {
    const auto* convolution = std::get_if<ConvolutionOperation>(&node.operation);
    if (convolution == nullptr) continue;
    result.weight_steps.push_back(weight_steps(network.layers()[convolution->layer],
                                               parameters[convolution->layer],
                                               result.tensors[node.inputs[0]].step, scheme));
  }
  return result;
}

}  // namespace mbm
