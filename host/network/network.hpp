// A network as a table of convolution layers and a forward pass that leaves the convolutions to its
// caller: the float pass, the quantised passes, calibration and training are the same pass with
// different convolutions.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/convolution/convolution_problem.hpp"

namespace mbm {

// What follows a convolution, applied by the network.
enum class Activation { none, relu6, leaky_relu };

struct ConvolutionLayer {
  std::string name;            // as the tables call it: "up5.convB", "7.conv.1.0"
  std::string parameter_name;  // prefix of ".weight" and ".bias" in weight files
  ConvolutionProblem problem;  // geometry at the network's input size, batch 1
  Activation activation = Activation::none;
};

class Network {
 public:
  // The convolution of layer `index` (its bias included, its activation not) of `input`, shape
  // (batch, input_channels, input_height, input_width).
  using Convolve = std::function<at::Tensor(std::size_t index, const at::Tensor& input)>;

  virtual ~Network() = default;

  const std::string& name() const { return name_; }
  std::int64_t input_height() const { return input_height_; }
  std::int64_t input_width() const { return input_width_; }

  // All convolutions in the order in which forward() calls them, each once.
  const std::vector<ConvolutionLayer>& layers() const { return layers_; }

  // Index of the layer called `name`; throws Error(usage) that names the nearest layer.
  std::size_t layer_index(std::string_view name) const;

  // `images`: float32 (batch, 3, input_height, input_width). Throws Error(usage) for another shape.
  at::Tensor forward(const at::Tensor& images, const Convolve& convolve) const;

 protected:
  Network(std::string name, std::int64_t input_height, std::int64_t input_width)
      : name_(std::move(name)), input_height_(input_height), input_width_(input_width) {}

  void add_layer(ConvolutionLayer layer) { layers_.push_back(std::move(layer)); }

  virtual at::Tensor compute(const at::Tensor& images, const Convolve& convolve) const = 0;

  // The convolution of a layer followed by its activation.
  at::Tensor convolve_and_activate(std::size_t index, const at::Tensor& input,
                                   const Convolve& convolve) const;

 private:
  std::string name_;
  std::int64_t input_height_;
  std::int64_t input_width_;
  std::vector<ConvolutionLayer> layers_;
};

// Names of the built-in networks.
const std::vector<std::string>& network_names();

// The network called `name`; throws Error(usage) that names the known ones.
std::unique_ptr<const Network> make_network(std::string_view name);

}  // namespace mbm
