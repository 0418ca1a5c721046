#include "host/network/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

using Shapes = std::vector<FeatureShape>;

template <typename Pool>
FeatureShape pooled(const Pool& pool, const FeatureShape& input, const std::string& name) {
  const std::int64_t height = input.height + 2 * pool.padding - pool.kernel_height;
  const std::int64_t width = input.width + 2 * pool.padding - pool.kernel_width;
  if (pool.kernel_height < 1 || pool.kernel_width < 1 || pool.stride < 1 || pool.padding < 0 ||
      2 * pool.padding > pool.kernel_height || 2 * pool.padding > pool.kernel_width || height < 0 ||
      width < 0) {
    fail(ErrorKind::usage, "node {}: pooling {}x{} s{} p{} of {} is impossible", name,
         pool.kernel_height, pool.kernel_width, pool.stride, pool.padding, input.description());
  }
  return {input.channels, height / pool.stride + 1, width / pool.stride + 1};
}

FeatureShape resized(const ResizeOperation& resize, const FeatureShape& input,
                     const std::string& name) {
  if (resize.height < 1 || resize.width < 1) {
    fail(ErrorKind::usage, "node {}: resize to {}x{} found, at least 1x1 expected", name,
         resize.height, resize.width);
  }
  return {input.channels, resize.height, resize.width};
}

FeatureShape padded(const PadOperation& pad, const FeatureShape& input, const std::string& name) {
  const FeatureShape result{input.channels, input.height + pad.top + pad.bottom,
                            input.width + pad.left + pad.right};
  if (result.height < 1 || result.width < 1) {
    fail(ErrorKind::usage, "node {}: padding leaves {}x{} pixels of {}", name, result.height,
         result.width, input.description());
  }
  return result;
}

FeatureShape sum_of(const Shapes& inputs, const std::string& name) {
  if (inputs.size() != 2 || inputs[0] != inputs[1]) {
    fail(ErrorKind::usage, "node {}: addition of {} and {}, equal shapes expected", name,
         inputs[0].description(), inputs.back().description());
  }
  return inputs[0];
}

FeatureShape concatenated(const Shapes& inputs, const std::string& name) {
  FeatureShape result = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].height != result.height || inputs[i].width != result.width) {
      fail(ErrorKind::usage, "node {}: concatenation of {} and {}, equal sizes expected", name,
           inputs[0].description(), inputs[i].description());
    }
    result.channels += inputs[i].channels;
  }
  return result;
}

FeatureShape output_shape(const Operation& operation, const Shapes& inputs,
                          const std::string& name) {
  return std::visit(
      Overloaded{[&](const MaxPoolOperation& pool) { return pooled(pool, inputs[0], name); },
                 [&](const AveragePoolOperation& pool) { return pooled(pool, inputs[0], name); },
                 [&](const ResizeOperation& resize) { return resized(resize, inputs[0], name); },
                 [&](const PadOperation& pad) { return padded(pad, inputs[0], name); },
                 [&](const InsertZerosOperation& zeros) -> FeatureShape {
                   return {inputs[0].channels,
                           (inputs[0].height - 1) * zeros.stride + 1 + zeros.last,
                           (inputs[0].width - 1) * zeros.stride + 1 + zeros.last};
                 },
                 [&](const AddOperation&) { return sum_of(inputs, name); },
                 [&](const ConcatenationOperation&) { return concatenated(inputs, name); },
                 [&](const FlattenOperation&) -> FeatureShape {
                   return {inputs[0].count(), 1, 1};
                 },
                 [&](const auto&) { return inputs[0]; }},
      operation);
}

// A second input gives the size: that of a skip connection, whatever the network's input was.
at::Tensor resize(const ResizeOperation& operation, const std::vector<at::Tensor>& inputs) {
  const at::Tensor& input = inputs[0];
  std::vector<std::int64_t> size{operation.height, operation.width};
  if (inputs.size() > 1) size = {inputs[1].size(2), inputs[1].size(3)};
  switch (operation.interpolation) {
    case Interpolation::nearest:
      return at::upsample_nearest2d(input, size);
    case Interpolation::bilinear_aligned:
      return at::upsample_bilinear2d(input, size, /*align_corners=*/true);
    case Interpolation::bilinear_half_pixel:
      return at::upsample_bilinear2d(input, size, /*align_corners=*/false);
  }
  fail(ErrorKind::internal, "resize of unknown interpolation");
}

at::Tensor insert_zeros(const InsertZerosOperation& operation, const at::Tensor& input,
                        const FeatureShape& shape) {
  at::Tensor result =
      at::zeros({input.size(0), shape.channels, shape.height, shape.width}, input.options());
  const auto pixels = [&](std::int64_t count) { return (count - 1) * operation.stride + 1; };
  result.slice(2, 0, pixels(input.size(2)), operation.stride)
      .slice(3, 0, pixels(input.size(3)), operation.stride)
      .copy_(input);
  return result;
}

// Everything but the convolutions and the input.
at::Tensor compute(const Node& node, const std::vector<at::Tensor>& inputs) {
  const at::Tensor& x = inputs[0];
  return std::visit(
      Overloaded{
          [&](const ClipOperation& clip) {
            // hardtanh's bounds are finite.
            const bool bounded = clip.upper <= 1e30 && clip.lower >= -1e30;
            if (!bounded && clip.lower == 0) return at::relu(x);
            return bounded ? at::hardtanh(x, clip.lower, clip.upper)
                           : at::clamp(x, clip.lower, clip.upper);
          },
          [&](const LeakyReluOperation& leaky) { return at::leaky_relu(x, leaky.slope); },
          [&](const SigmoidOperation&) { return at::sigmoid(x); },
          [&](const SoftmaxOperation&) { return at::softmax(x, 1); },
          [&](const MaxPoolOperation& pool) {
            return at::max_pool2d(x, {pool.kernel_height, pool.kernel_width},
                                  {pool.stride, pool.stride}, {pool.padding, pool.padding});
          },
          [&](const AveragePoolOperation& pool) {
            return at::avg_pool2d(x, {pool.kernel_height, pool.kernel_width},
                                  {pool.stride, pool.stride}, {pool.padding, pool.padding},
                                  /*ceil_mode=*/false, pool.counts_padding);
          },
          [&](const ResizeOperation& operation) { return resize(operation, inputs); },
          [&](const PadOperation& pad) {
            return at::constant_pad_nd(x, {pad.left, pad.right, pad.top, pad.bottom}, 0);
          },
          [&](const InsertZerosOperation& zeros) { return insert_zeros(zeros, x, node.shape); },
          [&](const AddOperation&) { return inputs[0] + inputs[1]; },
          [&](const ConcatenationOperation&) { return at::cat(inputs, 1); },
          [&](const FlattenOperation&) {
            return x.reshape({x.size(0), node.shape.channels, 1, 1});
          },
          [&](const auto&) -> at::Tensor {
            fail(ErrorKind::internal, "node {}: {} is not computed here", node.name,
                 operation_name(node.operation));
          }},
      node.operation);
}

}  // namespace

Graph::Graph(FeatureShape input) {
  if (input.channels < 1 || input.height < 1 || input.width < 1) {
    fail(ErrorKind::usage, "network input of {} found, at least 1x1x1 expected",
         input.description());
  }
  nodes_.push_back({"input", InputOperation{}, {}, input});
}

NodeIndex Graph::convolve(ConvolutionLayer layer, NodeIndex input) {
  const FeatureShape& shape = nodes_.at(input).shape;
  ConvolutionProblem& problem = layer.problem;
  if (shape.channels != problem.input_channels) {
    fail(ErrorKind::usage, "layer {}: input of {} found, {} channels expected", layer.name,
         shape.description(), problem.input_channels);
  }
  problem.input_height = shape.height;
  problem.input_width = shape.width;
  problem.validate();
  nodes_.push_back({layer.name,
                    ConvolutionOperation{layers_.size()},
                    {input},
                    {problem.output_channels, problem.output_height(), problem.output_width()}});
  layers_.push_back(std::move(layer));
  return output_ = nodes_.size() - 1;
}

NodeIndex Graph::apply(Operation operation, std::vector<NodeIndex> inputs, std::string name) {
  Shapes shapes;
  for (const NodeIndex input : inputs) shapes.push_back(nodes_.at(input).shape);
  if (shapes.empty()) fail(ErrorKind::usage, "node {}: no input", name);
  const FeatureShape shape = output_shape(operation, shapes, name);
  nodes_.push_back({std::move(name), std::move(operation), std::move(inputs), shape});
  return output_ = nodes_.size() - 1;
}

std::vector<std::size_t> Graph::use_counts() const {
  std::vector<std::size_t> uses(nodes_.size(), 0);
  for (const Node& node : nodes_) {
    for (const NodeIndex input : node.inputs) ++uses[input];
  }
  ++uses[output_];
  return uses;
}

std::vector<bool> Graph::needed_for(const std::vector<NodeIndex>& wanted) const {
  std::vector<bool> needed(nodes_.size(), false);
  for (const NodeIndex node : wanted) needed.at(node) = true;
  for (NodeIndex i = nodes_.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const NodeIndex input : nodes_[i].inputs) needed[input] = true;
  }
  return needed;
}

void Graph::remove_unused() {
  const std::vector<bool> needed = needed_for({0, output_});
  std::vector<NodeIndex> place(nodes_.size(), 0);
  std::vector<Node> kept;
  std::vector<ConvolutionLayer> kept_layers;
  for (NodeIndex i = 0; i < nodes_.size(); ++i) {
    if (!needed[i]) continue;
    Node& node = nodes_[i];
    for (NodeIndex& input : node.inputs) input = place[input];
    if (auto* convolution = std::get_if<ConvolutionOperation>(&node.operation)) {
      kept_layers.push_back(std::move(layers_[convolution->layer]));
      convolution->layer = kept_layers.size() - 1;
    }
    place[i] = kept.size();
    kept.push_back(std::move(node));
  }
  output_ = place[output_];
  nodes_ = std::move(kept);
  layers_ = std::move(kept_layers);
}

at::Tensor Graph::run(const at::Tensor& images, const Convolve& convolve,
                      const std::function<void(NodeIndex, const at::Tensor&)>& show) const {
  return run_to({output_}, images, convolve, show).front();
}

std::vector<at::Tensor> Graph::run_to(
    const std::vector<NodeIndex>& wanted, const at::Tensor& images, const Convolve& convolve,
    const std::function<void(NodeIndex, const at::Tensor&)>& show) const {
  const std::vector<bool> needed = needed_for(wanted);
  std::vector<std::size_t> uses(nodes_.size(), 0);
  for (NodeIndex i = 0; i < nodes_.size(); ++i) {
    if (!needed[i]) continue;
    for (const NodeIndex input : nodes_[i].inputs) ++uses[input];
  }
  for (const NodeIndex node : wanted) ++uses[node];
  std::vector<at::Tensor> tensors(nodes_.size());
  for (NodeIndex i = 0; i < nodes_.size(); ++i) {
    if (!needed[i]) continue;
    const Node& node = nodes_[i];
    std::vector<at::Tensor> inputs;
    for (const NodeIndex input : node.inputs) {
      inputs.push_back(tensors[input]);
      if (--uses[input] == 0) tensors[input] = at::Tensor();
    }
    if (std::holds_alternative<InputOperation>(node.operation)) {
      tensors[i] = images;
    } else if (const auto* convolution = std::get_if<ConvolutionOperation>(&node.operation)) {
      tensors[i] = convolve(convolution->layer, inputs[0]);
    } else {
      tensors[i] = compute(node, inputs);
    }
    if (show) show(i, tensors[i]);
  }
  std::vector<at::Tensor> results;
  for (const NodeIndex node : wanted) results.push_back(tensors[node]);
  return results;
}

}  // namespace mbm
