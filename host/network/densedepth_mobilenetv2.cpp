#include "host/network/densedepth_mobilenetv2.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/network/densedepth_decoder.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kInputMultiple = 2;  // the prediction has half the size of the image
constexpr std::int64_t kImageChannels = 3;

// Sandler et al., "MobileNetV2", CVPR 2018, table 2: expansion factor, repetitions and stride of
// the seven groups of inverted residuals.
struct Stage {
  std::int64_t expansion;
  int repetitions;
  std::int64_t stride;
};
constexpr std::array<Stage, 7> kStages{
    {{1, 1, 1}, {6, 2, 2}, {6, 3, 2}, {6, 4, 2}, {6, 3, 1}, {6, 3, 2}, {6, 1, 1}}};

class EncoderBuilder {
 public:
  explicit EncoderBuilder(Graph& graph) : graph_(graph) {}

  // The outputs of all encoder modules, 0 to 18.
  std::vector<NodeIndex> build(const DenseDepthMobileNetV2Widths& widths) {
    ConvolutionProblem stem;
    stem.input_channels = kImageChannels;
    stem.output_channels = widths.stem;
    stem.kernel_height = stem.kernel_width = 3;
    stem.stride = 2;
    stem.padding = 1;
    modules_.push_back(convolve_and_activate("0.", 0, stem, 0));
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      for (int repetition = 0; repetition < kStages[s].repetitions; ++repetition) {
        const std::int64_t stride = repetition == 0 ? kStages[s].stride : 1;
        build_inverted_residual(widths.stages[s], kStages[s].expansion, stride);
      }
    }
    ConvolutionProblem last;
    last.input_channels = channels_of(modules_.back());
    last.output_channels = widths.bottleneck;
    const std::string prefix = fmt::format("{}.", modules_.size());
    modules_.push_back(convolve_and_activate(prefix, 0, last, modules_.back()));
    return modules_;
  }

 private:
  std::int64_t channels_of(NodeIndex node) const { return graph_.nodes().at(node).shape.channels; }

  // A convolution is element `position` of its sequence, its normalisation the next one.
  NodeIndex convolve(const std::string& prefix, int position, const ConvolutionProblem& problem,
                     NodeIndex input) {
    const std::string parameters = "encoder.original_model.features." + prefix;
    return graph_.convolve(
        {fmt::format("{}{}", prefix, position), fmt::format("{}{}", parameters, position), problem,
         fmt::format("{}{}", parameters, position + 1)},
        input);
  }

  NodeIndex convolve_and_activate(const std::string& prefix, int position,
                                  const ConvolutionProblem& problem, NodeIndex input) {
    const NodeIndex sums = convolve(prefix, position, problem, input);
    return graph_.apply(ClipOperation{0, 6}, {sums}, graph_.nodes()[sums].name + ".relu6");
  }

  void build_inverted_residual(std::int64_t output_channels, std::int64_t expansion,
                               std::int64_t stride) {
    const std::string prefix = fmt::format("{}.conv.", modules_.size());
    const NodeIndex input = modules_.back();
    const std::int64_t input_channels = channels_of(input);
    const std::int64_t hidden = input_channels * expansion;
    int position = 0;
    NodeIndex x = input;
    if (expansion != 1) {
      ConvolutionProblem expand;
      expand.input_channels = input_channels;
      expand.output_channels = hidden;
      x = convolve_and_activate(fmt::format("{}{}.", prefix, position++), 0, expand, x);
    }
    ConvolutionProblem depthwise;
    depthwise.input_channels = depthwise.output_channels = depthwise.groups = hidden;
    depthwise.kernel_height = depthwise.kernel_width = 3;
    depthwise.stride = stride;
    depthwise.padding = 1;
    x = convolve_and_activate(fmt::format("{}{}.", prefix, position++), 0, depthwise, x);
    ConvolutionProblem project;
    project.input_channels = hidden;
    project.output_channels = output_channels;
    x = convolve(prefix, position, project, x);
    const bool residual = stride == 1 && input_channels == output_channels;
    modules_.push_back(residual ? graph_.apply(AddOperation{}, {input, x}, prefix + "add") : x);
  }

  Graph& graph_;
  std::vector<NodeIndex> modules_;
};

void append_decoder(Graph& graph, const DenseDepthMobileNetV2Widths& widths,
                    const std::vector<NodeIndex>& modules) {
  constexpr std::array<std::size_t, 6> skips{17, 14, 8, 5, 3, 1};
  constexpr std::array<std::int64_t, 6> divisors{2, 2, 4, 8, 8, 16};
  // The study's own quirk: a 1x1 convolution with padding 1, whose border is the bias alone.
  DecoderShape shape{modules.back(), widths.decoder_features, 1, {}};
  for (std::size_t i = 0; i < skips.size(); ++i) {
    shape.blocks.push_back(
        {fmt::format("up{}", i), modules[skips[i]], widths.decoder_features / divisors[i]});
  }
  append_densedepth_decoder(graph, shape);
}

}  // namespace

std::unique_ptr<const Network> make_densedepth_mobilenetv2(
    std::string name, const DenseDepthMobileNetV2Widths& widths, std::int64_t input_height,
    std::int64_t input_width) {
  if (input_height % kInputMultiple != 0 || input_width % kInputMultiple != 0 ||
      input_height <= 0 || input_width <= 0) {
    fail(ErrorKind::usage, "network {}: input {}x{} found, multiples of {} expected", name,
         input_height, input_width, kInputMultiple);
  }
  Graph graph({kImageChannels, input_height, input_width});
  append_decoder(graph, widths, EncoderBuilder(graph).build(widths));
  return std::make_unique<Network>(std::move(name), std::move(graph), Prediction::inverse_depth);
}

}  // namespace mbm
