#include "host/network/densedepth_mobilenetv2.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cmodel/common/error.hpp"

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

struct Size {
  std::int64_t height;
  std::int64_t width;
};

struct InvertedResidual {
  std::vector<std::size_t> layers;  // indices: expansion (if any), depthwise, projection
  bool residual;
};

// Up-sampling block: interpolate to the skip's size, concatenate, two 3x3 convolutions.
struct UpBlock {
  std::size_t convolution_a;
  std::size_t convolution_b;
  std::size_t skip;  // encoder module whose output is concatenated
};

class DenseDepthMobileNetV2 final : public Network {
 public:
  DenseDepthMobileNetV2(std::string name, const DenseDepthMobileNetV2Widths& widths,
                        std::int64_t input_height, std::int64_t input_width)
      : Network(std::move(name), input_height, input_width) {
    if (input_height % kInputMultiple != 0 || input_width % kInputMultiple != 0 ||
        input_height <= 0 || input_width <= 0) {
      fail(ErrorKind::usage, "network {}: input {}x{} found, multiples of {} expected",
           this->name(), input_height, input_width, kInputMultiple);
    }
    build_encoder(widths, {input_height, input_width});
    build_decoder(widths);
  }

 protected:
  at::Tensor compute(const at::Tensor& images, const Convolve& convolve) const override {
    const std::vector<at::Tensor> features = encode(images, convolve);
    at::Tensor x = convolve_and_activate(bottleneck_, features.back(), convolve);
    for (const UpBlock& block : up_blocks_) {
      const at::Tensor& skip = features[block.skip];
      x = at::upsample_bilinear2d(x, {skip.size(2), skip.size(3)}, /*align_corners=*/true);
      x = convolve_and_activate(block.convolution_a, at::cat({x, skip}, 1), convolve);
      x = convolve_and_activate(block.convolution_b, x, convolve);
    }
    return convolve_and_activate(prediction_, x, convolve);
  }

 private:
  // Adds a convolution with `size` as input and returns its index; `size` becomes its output.
  std::size_t add(std::string layer_name, const std::string& parameter_prefix,
                  ConvolutionProblem problem, Activation activation, Size& size) {
    problem.input_height = size.height;
    problem.input_width = size.width;
    problem.validate();
    size = {problem.output_height(), problem.output_width()};
    std::string parameter_name = parameter_prefix + layer_name;
    add_layer({std::move(layer_name), std::move(parameter_name), problem, activation});
    return layers().size() - 1;
  }

  std::size_t add_encoder(std::string layer_name, const ConvolutionProblem& problem,
                          Activation activation, Size& size) {
    return add(std::move(layer_name), "encoder.original_model.features.", problem, activation,
               size);
  }

  std::size_t add_decoder(std::string layer_name, std::int64_t input_channels,
                          std::int64_t output_channels, std::int64_t kernel, std::int64_t padding,
                          Activation activation, Size& size) {
    ConvolutionProblem problem;
    problem.input_channels = input_channels;
    problem.output_channels = output_channels;
    problem.kernel_height = problem.kernel_width = kernel;
    problem.padding = padding;
    return add(std::move(layer_name), "decoder.", problem, activation, size);
  }

  void build_encoder(const DenseDepthMobileNetV2Widths& widths, Size size) {
    ConvolutionProblem stem;
    stem.input_channels = kImageChannels;
    stem.output_channels = widths.stem;
    stem.kernel_height = stem.kernel_width = 3;
    stem.stride = 2;
    stem.padding = 1;
    stem_ = add_encoder("0.0", stem, Activation::relu6, size);
    record_module(widths.stem, size);
    std::int64_t channels = widths.stem;
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      for (int repetition = 0; repetition < kStages[s].repetitions; ++repetition) {
        const std::int64_t stride = repetition == 0 ? kStages[s].stride : 1;
        build_inverted_residual(channels, widths.stages[s], kStages[s].expansion, stride, size);
        channels = widths.stages[s];
      }
    }
    ConvolutionProblem last;
    last.input_channels = channels;
    last.output_channels = widths.bottleneck;
    last_ =
        add_encoder(fmt::format("{}.0", module_channels_.size()), last, Activation::relu6, size);
    record_module(widths.bottleneck, size);
  }

  void build_inverted_residual(std::int64_t input_channels, std::int64_t output_channels,
                               std::int64_t expansion, std::int64_t stride, Size& size) {
    const std::string prefix = fmt::format("{}.conv.", module_channels_.size());
    const std::int64_t hidden = input_channels * expansion;
    InvertedResidual block{{}, stride == 1 && input_channels == output_channels};
    int position = 0;
    if (expansion != 1) {
      ConvolutionProblem expand;
      expand.input_channels = input_channels;
      expand.output_channels = hidden;
      block.layers.push_back(
          add_encoder(fmt::format("{}{}.0", prefix, position++), expand, Activation::relu6, size));
    }
    ConvolutionProblem depthwise;
    depthwise.input_channels = depthwise.output_channels = depthwise.groups = hidden;
    depthwise.kernel_height = depthwise.kernel_width = 3;
    depthwise.stride = stride;
    depthwise.padding = 1;
    block.layers.push_back(
        add_encoder(fmt::format("{}{}.0", prefix, position++), depthwise, Activation::relu6, size));
    ConvolutionProblem project;
    project.input_channels = hidden;
    project.output_channels = output_channels;
    block.layers.push_back(
        add_encoder(fmt::format("{}{}", prefix, position), project, Activation::none, size));
    blocks_.push_back(std::move(block));
    record_module(output_channels, size);
  }

  void build_decoder(const DenseDepthMobileNetV2Widths& widths) {
    const std::int64_t features = widths.decoder_features;
    Size size = module_sizes_.back();
    // The study's own quirk: a 1x1 convolution with padding 1, whose border is the bias alone.
    bottleneck_ = add_decoder("conv2", widths.bottleneck, features, 1, 1, Activation::none, size);
    constexpr std::array<std::size_t, 6> skips{17, 14, 8, 5, 3, 1};
    constexpr std::array<std::int64_t, 6> divisors{2, 2, 4, 8, 8, 16};
    std::int64_t channels = features;
    for (std::size_t i = 0; i < skips.size(); ++i) {
      const std::int64_t output_channels = features / divisors[i];
      const std::string block_name = fmt::format("up{}.", i);
      size = module_sizes_[skips[i]];
      const std::size_t a = add_decoder(block_name + "convA", channels + module_channels_[skips[i]],
                                        output_channels, 3, 1, Activation::leaky_relu, size);
      const std::size_t b = add_decoder(block_name + "convB", output_channels, output_channels, 3,
                                        1, Activation::leaky_relu, size);
      up_blocks_.push_back({a, b, skips[i]});
      channels = output_channels;
    }
    prediction_ = add_decoder("conv3", channels, 1, 3, 1, Activation::none, size);
  }

  void record_module(std::int64_t channels, Size size) {
    module_channels_.push_back(channels);
    module_sizes_.push_back(size);
  }

  // Outputs of all encoder modules, 0 to 18.
  std::vector<at::Tensor> encode(const at::Tensor& images, const Convolve& convolve) const {
    std::vector<at::Tensor> features{convolve_and_activate(stem_, images, convolve)};
    for (const InvertedResidual& block : blocks_) {
      at::Tensor x = features.back();
      for (const std::size_t layer : block.layers) x = convolve_and_activate(layer, x, convolve);
      features.push_back(block.residual ? features.back() + x : x);
    }
    features.push_back(convolve_and_activate(last_, features.back(), convolve));
    return features;
  }

  std::size_t stem_ = 0;
  std::vector<InvertedResidual> blocks_;
  std::size_t last_ = 0;
  std::size_t bottleneck_ = 0;
  std::vector<UpBlock> up_blocks_;
  std::size_t prediction_ = 0;
  std::vector<std::int64_t> module_channels_;
  std::vector<Size> module_sizes_;
};

}  // namespace

std::unique_ptr<const Network> make_densedepth_mobilenetv2(
    std::string name, const DenseDepthMobileNetV2Widths& widths, std::int64_t input_height,
    std::int64_t input_width) {
  return std::make_unique<DenseDepthMobileNetV2>(std::move(name), widths, input_height,
                                                 input_width);
}

}  // namespace mbm
