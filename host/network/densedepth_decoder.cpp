#include "host/network/densedepth_decoder.hpp"

#include <utility>

namespace mbm {
namespace {

constexpr double kLeakyReluSlope = 0.2;

NodeIndex convolve(Graph& graph, std::string name, std::int64_t output_channels,
                   std::int64_t kernel, std::int64_t padding, NodeIndex input) {
  ConvolutionProblem problem;
  problem.input_channels = graph.nodes().at(input).shape.channels;
  problem.output_channels = output_channels;
  problem.kernel_height = problem.kernel_width = kernel;
  problem.padding = padding;
  std::string parameter_name = "decoder." + name;
  return graph.convolve({std::move(name), std::move(parameter_name), problem}, input);
}

NodeIndex convolve_and_activate(Graph& graph, const std::string& name, std::int64_t output_channels,
                                NodeIndex input) {
  const NodeIndex sums = convolve(graph, name, output_channels, 3, 1, input);
  return graph.apply(LeakyReluOperation{kLeakyReluSlope}, {sums}, name + ".leaky-relu");
}

}  // namespace

void append_densedepth_decoder(Graph& graph, const DecoderShape& shape) {
  NodeIndex x = convolve(graph, "conv2", shape.bottleneck_channels, 1, shape.bottleneck_padding,
                         shape.bottom);
  for (const DecoderBlock& block : shape.blocks) {
    const FeatureShape skip = graph.nodes().at(block.skip).shape;
    x = graph.apply(ResizeOperation{Interpolation::bilinear_aligned, skip.height, skip.width},
                    {x, block.skip}, block.name + ".interpolation");
    x = graph.apply(ConcatenationOperation{}, {x, block.skip}, block.name + ".concatenation");
    x = convolve_and_activate(graph, block.name + ".convA", block.output_channels, x);
    x = convolve_and_activate(graph, block.name + ".convB", block.output_channels, x);
  }
  convolve(graph, "conv3", 1, 3, 1, x);
}

}  // namespace mbm
