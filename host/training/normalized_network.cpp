#include <ATen/ATen.h>

#include <cmath>
#include <vector>

#include "host/rooms/random_stream.hpp"
#include "host/training/trainable_network.hpp"

namespace mbm {
namespace {

constexpr double kEpsilon = 1e-5;  // of the normalisation, PyTorch's default
constexpr double kMomentum = 0.1;  // weight of the newest batch in the running statistics

// Uniform in +-sqrt(6 / fan-in), He's variance for rectified layers.
at::Tensor initial_weight(const ConvolutionProblem& problem, rooms::RandomStream& random) {
  const std::int64_t group_channels = problem.input_channels / problem.groups;
  at::Tensor weight = at::empty(
      {problem.output_channels, group_channels, problem.kernel_height, problem.kernel_width});
  const double fan_in =
      static_cast<double>(group_channels * problem.kernel_height * problem.kernel_width);
  const double bound = std::sqrt(6 / fan_in);
  float* values = weight.data_ptr<float>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>(random.uniform(-bound, bound));
  }
  return weight;
}

class NormalizedNetwork final : public TrainableNetwork {
 public:
  NormalizedNetwork(const Network& network, std::uint64_t seed);

  at::Tensor forward_training(const at::Tensor& images) override;
  at::Tensor forward_evaluation(const at::Tensor& images) const override;
  NamedTensors fold() const override;
  const NamedTensors& parameters() const override { return parameters_; }
  NamedTensors state() const override;

 private:
  struct Layer {
    at::Tensor weight;
    at::Tensor bias;          // only without normalisation
    at::Tensor scale, shift;  // only with normalisation, as the next two
    at::Tensor running_mean, running_variance;
  };

  at::Tensor convolve(std::size_t index, const at::Tensor& input, bool training) const;
  bool is_normalised(std::size_t index) const { return index + 1 < layers_.size(); }

  const Network& network_;
  std::vector<Layer> layers_;
  NamedTensors parameters_;
  NamedTensors statistics_;
};

NormalizedNetwork::NormalizedNetwork(const Network& network, std::uint64_t seed)
    : network_(network), layers_(network.layers().size()) {
  rooms::RandomStream random(seed);
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    const ConvolutionLayer& description = network.layers()[index];
    const std::string& name = description.parameter_name;
    const std::int64_t channels = description.problem.output_channels;
    Layer& layer = layers_[index];
    layer.weight = initial_weight(description.problem, random);
    parameters_[name + ".weight"] = layer.weight;
    if (is_normalised(index)) {
      parameters_[name + ".scale"] = layer.scale = at::ones({channels});
      parameters_[name + ".shift"] = layer.shift = at::zeros({channels});
      statistics_[name + ".running_mean"] = layer.running_mean = at::zeros({channels});
      statistics_[name + ".running_variance"] = layer.running_variance = at::ones({channels});
    } else {
      parameters_[name + ".bias"] = layer.bias = at::ones({channels});
    }
  }
  for (auto& [name, parameter] : parameters_) parameter.requires_grad_(true);
}

at::Tensor NormalizedNetwork::convolve(std::size_t index, const at::Tensor& input,
                                       bool training) const {
  const ConvolutionProblem& problem = network_.layers()[index].problem;
  const Layer& layer = layers_[index];
  const at::Tensor output = at::conv2d(input, layer.weight, layer.bias, problem.stride,
                                       problem.padding, problem.dilation, problem.groups);
  if (!is_normalised(index)) return output;
  return at::batch_norm(output, layer.scale, layer.shift, layer.running_mean,
                        layer.running_variance, training, kMomentum, kEpsilon,
                        /*cudnn_enabled=*/false);
}

at::Tensor NormalizedNetwork::forward_training(const at::Tensor& images) {
  return network_.forward(images, [this](std::size_t index, const at::Tensor& input) {
    return convolve(index, input, true);
  });
}

at::Tensor NormalizedNetwork::forward_evaluation(const at::Tensor& images) const {
  const at::NoGradGuard no_gradients;
  return network_.forward(images, [this](std::size_t index, const at::Tensor& input) {
    return convolve(index, input, false);
  });
}

NamedTensors NormalizedNetwork::fold() const {
  const at::NoGradGuard no_gradients;
  NamedTensors folded;
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    const Layer& layer = layers_[index];
    const std::string& name = network_.layers()[index].parameter_name;
    if (!is_normalised(index)) {
      folded[name + ".weight"] = layer.weight.detach().clone();
      folded[name + ".bias"] = layer.bias.detach().clone();
      continue;
    }
    const at::Tensor gain = layer.scale / (layer.running_variance + kEpsilon).sqrt();
    folded[name + ".weight"] = (layer.weight * gain.view({-1, 1, 1, 1})).contiguous();
    folded[name + ".bias"] = layer.shift - layer.running_mean * gain;
  }
  return folded;
}

NamedTensors NormalizedNetwork::state() const {
  NamedTensors all = parameters_;
  all.insert(statistics_.begin(), statistics_.end());
  return all;
}

}  // namespace

std::unique_ptr<TrainableNetwork> make_normalized_network(const Network& network,
                                                          std::uint64_t seed) {
  return std::make_unique<NormalizedNetwork>(network, seed);
}

}  // namespace mbm
