#include "host/network/densedepth_densenet161.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/network/densedepth_decoder.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kInputMultiple = 32;
constexpr std::int64_t kImageChannels = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr const char* kPrefix = "encoder.original_model.features.";

struct Kernel {
  std::int64_t size;
  std::int64_t stride;
  std::int64_t padding;
};

class EncoderBuilder {
 public:
  EncoderBuilder(Graph& graph, const DenseDepthDenseNetWidths& widths)
      : graph_(graph), widths_(widths) {}

  // Bottom and skips; the decoder's channels are left to fill in.
  DecoderShape build() {
    const NodeIndex relu0 = relu(convolve("conv0", "norm0", widths_.stem, {7, 2, 3}, 0));
    const NodeIndex pool0 = graph_.apply(MaxPoolOperation{3, 3, 2, 1}, {relu0}, "pool0");
    const NodeIndex transition1 = transition(1, dense_block(1, pool0));
    const NodeIndex transition2 = transition(2, dense_block(2, transition1));
    const NodeIndex transition3 = transition(3, dense_block(3, transition2));
    // The study takes the last block before its normalisation and ReLU.
    DecoderShape shape{dense_block(4, transition3), 0, 0, {}};
    for (const NodeIndex skip : {transition2, transition1, pool0, relu0}) {
      shape.blocks.push_back({fmt::format("up{}", shape.blocks.size() + 1), skip, 0});
    }
    return shape;
  }

 private:
  std::int64_t channels_of(NodeIndex node) const { return graph_.nodes().at(node).shape.channels; }

  // A convolution without bias; `normalization` follows it, if not empty.
  NodeIndex convolve(const std::string& name, const std::string& normalization,
                     std::int64_t output_channels, const Kernel& kernel, NodeIndex input) {
    ConvolutionProblem problem;
    problem.input_channels = channels_of(input);
    problem.output_channels = output_channels;
    problem.kernel_height = problem.kernel_width = kernel.size;
    problem.stride = kernel.stride;
    problem.padding = kernel.padding;
    const bool normalized = !normalization.empty();
    return graph_.convolve({.name = name,
                            .parameter_name = kPrefix + name,
                            .problem = problem,
                            .normalization_name = normalized ? kPrefix + normalization : "",
                            .has_bias = normalized},
                           input);
  }

  NodeIndex normalize(const std::string& name, NodeIndex input) {
    ConvolutionProblem problem;
    problem.input_channels = problem.output_channels = problem.groups = channels_of(input);
    return graph_.convolve({.name = name,
                            .parameter_name = kPrefix + name,
                            .problem = problem,
                            .normalization_name = kPrefix + name,
                            .is_normalization = true},
                           input);
  }

  NodeIndex relu(NodeIndex input) {
    return graph_.apply(ClipOperation{0, kInfinity}, {input},
                        graph_.nodes().at(input).name + ".relu");
  }

  // Each layer reads all that came before it, concatenated.
  NodeIndex dense_block(std::size_t index, NodeIndex input) {
    const std::string block = fmt::format("denseblock{}", index);
    std::vector<NodeIndex> features{input};
    const auto concatenated = [&](const std::string& reader) {
      if (features.size() == 1) return features.front();
      return graph_.apply(ConcatenationOperation{}, features, reader + ".concatenation");
    };
    for (int layer = 1; layer <= widths_.layers[index - 1]; ++layer) {
      const std::string name = fmt::format("{}.denselayer{}.", block, layer);
      NodeIndex x = relu(normalize(name + "norm1", concatenated(name + "norm1")));
      x = relu(convolve(name + "conv1", name + "norm2", widths_.bottleneck_factor * widths_.growth,
                        {1, 1, 0}, x));
      features.push_back(convolve(name + "conv2", "", widths_.growth, {3, 1, 1}, x));
    }
    return concatenated(block);
  }

  NodeIndex transition(int index, NodeIndex input) {
    const std::string name = fmt::format("transition{}.", index);
    const NodeIndex x = relu(normalize(name + "norm", input));
    const NodeIndex half = convolve(name + "conv", "", channels_of(input) / 2, {1, 1, 0}, x);
    return graph_.apply(AveragePoolOperation{2, 2, 2, 0, false}, {half}, name + "pool");
  }

  Graph& graph_;
  const DenseDepthDenseNetWidths& widths_;
};

}  // namespace

std::unique_ptr<const Network> make_densedepth_densenet161(std::string name,
                                                           const DenseDepthDenseNetWidths& widths,
                                                           std::int64_t input_height,
                                                           std::int64_t input_width) {
  if (input_height % kInputMultiple != 0 || input_width % kInputMultiple != 0 ||
      input_height <= 0 || input_width <= 0) {
    fail(ErrorKind::usage, "network {}: input {}x{} found, multiples of {} expected", name,
         input_height, input_width, kInputMultiple);
  }
  Graph graph({kImageChannels, input_height, input_width});
  DecoderShape decoder = EncoderBuilder(graph, widths).build();
  const auto bottom = static_cast<double>(graph.nodes().at(decoder.bottom).shape.channels);
  decoder.bottleneck_channels = static_cast<std::int64_t>(bottom * widths.decoder_share);
  std::int64_t channels = decoder.bottleneck_channels;
  for (DecoderBlock& block : decoder.blocks) block.output_channels = channels /= 2;
  append_densedepth_decoder(graph, decoder);
  return std::make_unique<Network>(std::move(name), std::move(graph), Prediction::inverse_depth);
}

}  // namespace mbm
