#include "host/network/fastdepth.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace mbm {
namespace {

constexpr double kRelu6 = 6.0;
constexpr double kRelu = std::numeric_limits<double>::infinity();

// A depthwise convolution and the pointwise one behind it, by their places in the conversion.
struct SeparableLayer {
  int depthwise_place;
  int pointwise_place;
  std::int64_t output_channels;
  std::int64_t stride;
};

constexpr std::array<SeparableLayer, 13> kEncoder{{{4, 5, 56, 1},
                                                   {7, 8, 88, 2},
                                                   {10, 11, 120, 1},
                                                   {13, 14, 144, 2},
                                                   {16, 17, 256, 1},
                                                   {19, 20, 408, 2},
                                                   {22, 23, 376, 1},
                                                   {25, 26, 272, 1},
                                                   {28, 29, 288, 1},
                                                   {31, 32, 296, 1},
                                                   {34, 35, 328, 1},
                                                   {37, 38, 480, 2},
                                                   {40, 41, 512, 1}}};
constexpr std::array<SeparableLayer, 5> kDecoder{
    {{43, 44, 200, 1}, {47, 48, 256, 1}, {52, 53, 120, 1}, {57, 58, 56, 1}, {62, 63, 16, 1}}};

class Builder {
 public:
  Graph build() {
    ConvolutionProblem stem;
    stem.input_channels = 3;
    stem.output_channels = 16;
    stem.kernel_height = stem.kernel_width = 3;
    stem.stride = 2;
    stem.padding = 1;
    NodeIndex x = convolve("conv0", 2, stem, kRelu6, 0);
    std::vector<NodeIndex> encoder{x};
    for (const SeparableLayer& layer : kEncoder) {
      x = separable(fmt::format("conv{}", encoder.size()), layer, 3, kRelu6, x);
      encoder.push_back(x);
    }
    for (std::size_t i = 0; i < kDecoder.size(); ++i) {
      const std::string name = fmt::format("decode_conv{}", i + 1);
      x = separable(name, kDecoder[i], 5, kRelu, x);
      const FeatureShape& shape = graph_.nodes()[x].shape;
      x = graph_.apply(ResizeOperation{Interpolation::nearest, 2 * shape.height, 2 * shape.width},
                       {x}, name + ".interpolation");
      constexpr std::array<std::size_t, 5> kSkips{0, 5, 3, 1, 0};  // 0: none
      if (kSkips.at(i) != 0) {
        x = graph_.apply(AddOperation{}, {encoder[kSkips.at(i)], x}, name + ".add");
      }
    }
    ConvolutionProblem last;
    last.input_channels = 16;
    last.output_channels = 1;
    convolve("decode_conv6", 65, last, kRelu, x);
    return std::move(graph_);
  }

 private:
  NodeIndex convolve(const std::string& name, int place, const ConvolutionProblem& problem,
                     double limit, NodeIndex input) {
    const NodeIndex sums = graph_.convolve(
        {.name = name, .parameter_name = fmt::format("op{:02}", place), .problem = problem}, input);
    return graph_.apply(ClipOperation{0, limit}, {sums}, name + ".relu");
  }

  NodeIndex separable(const std::string& name, const SeparableLayer& layer, std::int64_t kernel,
                      double limit, NodeIndex input) {
    ConvolutionProblem depthwise;
    depthwise.input_channels = depthwise.output_channels = depthwise.groups =
        graph_.nodes()[input].shape.channels;
    depthwise.kernel_height = depthwise.kernel_width = kernel;
    depthwise.stride = layer.stride;
    depthwise.padding = kernel / 2;
    const NodeIndex x =
        convolve(name + ".depthwise", layer.depthwise_place, depthwise, limit, input);
    ConvolutionProblem pointwise;
    pointwise.input_channels = depthwise.output_channels;
    pointwise.output_channels = layer.output_channels;
    return convolve(name + ".pointwise", layer.pointwise_place, pointwise, limit, x);
  }

  Graph graph_{FeatureShape{3, 224, 224}};
};

}  // namespace

std::unique_ptr<const Network> make_fastdepth() {
  return std::make_unique<Network>("fastdepth", Builder().build(), Prediction::depth);
}

}  // namespace mbm
