#include "host/network/lenet5.hpp"

#include <limits>
#include <string>
#include <utility>

namespace mbm {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Layer {
  std::string name;
  std::string parameter_name;
  std::int64_t output_channels;
  std::int64_t kernel;
  std::int64_t padding;
};

NodeIndex convolve(Graph& graph, const Layer& layer, NodeIndex input) {
  ConvolutionProblem problem;
  problem.input_channels = graph.nodes().at(input).shape.channels;
  problem.output_channels = layer.output_channels;
  problem.kernel_height = problem.kernel_width = layer.kernel;
  problem.padding = layer.padding;
  return graph.convolve(
      {.name = layer.name, .parameter_name = layer.parameter_name, .problem = problem}, input);
}

NodeIndex convolve_and_activate(Graph& graph, const Layer& layer, NodeIndex input) {
  return graph.apply(ClipOperation{0, kInfinity}, {convolve(graph, layer, input)},
                     layer.name + ".relu");
}

}  // namespace

std::unique_ptr<const Network> make_lenet5() {
  const MaxPoolOperation pool{2, 2, 2, 0};
  Graph graph({1, 28, 28});
  NodeIndex x = convolve_and_activate(graph, {"C1", "body.conv1", 6, 5, 2}, 0);
  x = graph.apply(pool, {x}, "S2");
  x = convolve_and_activate(graph, {"C3", "body.conv2", 16, 5, 0}, x);
  x = graph.apply(pool, {x}, "S4");
  x = convolve_and_activate(graph, {"C5", "head.fc1", 120, 5, 0}, x);
  x = convolve_and_activate(graph, {"F6", "head.fc2", 84, 1, 0}, x);
  convolve(graph, {"Output", "head.fc3", 10, 1, 0}, x);
  return std::make_unique<Network>("lenet5", std::move(graph), Prediction::class_scores,
                                   InputScaling{{0.1307F}, {0.3081F}});
}

}  // namespace mbm
