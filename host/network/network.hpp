// A network by name: its graph, what its input means and what it predicts.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/network/graph.hpp"

namespace mbm {

// What the output is.
enum class Prediction {
  inverse_depth,  // DenseDepth's DepthNorm: 10 / depth in metres
  depth,          // metres
  class_scores,   // the largest is the answer
};

// What a network reads: (image / 255 - mean) / deviation, one value for all channels or one for
// each; empty: 0 and 1.
struct InputScaling {
  std::vector<float> mean;
  std::vector<float> deviation;
};

class Network {
 public:
  using Convolve = mbm::Convolve;

  // Throws Error(usage) if the scaling has another number of values than 0, 1 or the channels, or a
  // deviation that is not positive.
  Network(std::string name, Graph graph, Prediction prediction, InputScaling scaling = {});

  const std::string& name() const { return name_; }
  const Graph& graph() const { return graph_; }
  Prediction prediction() const { return prediction_; }
  const InputScaling& input_scaling() const { return scaling_; }

  // Images of bytes, (batch, input_channels, height, width), as the network reads them: float32.
  at::Tensor scale_input(const at::Tensor& images) const;

  std::int64_t input_channels() const { return graph_.nodes().front().shape.channels; }
  std::int64_t input_height() const { return graph_.nodes().front().shape.height; }
  std::int64_t input_width() const { return graph_.nodes().front().shape.width; }

  // All convolutions in the order in which forward() calls them, each once.
  const std::vector<ConvolutionLayer>& layers() const { return graph_.layers(); }

  // Index of the layer called `name`; throws Error(usage) that names the nearest layer.
  std::size_t layer_index(std::string_view name) const;

  // `images`: float32 (batch, input_channels, input_height, input_width). Throws Error(usage) for
  // another shape.
  at::Tensor forward(const at::Tensor& images, const Convolve& convolve) const;

 private:
  std::string name_;
  Graph graph_;
  Prediction prediction_;
  InputScaling scaling_;
};

// Names of the built-in networks.
const std::vector<std::string>& network_names();

// The network called `name`; throws Error(usage) that names the known ones.
std::unique_ptr<const Network> make_network(std::string_view name);

}  // namespace mbm
