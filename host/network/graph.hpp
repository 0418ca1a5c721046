// A network as data: nodes in an order in which each comes after its inputs, and the table of its
// convolutions. Running it leaves the convolutions to the caller.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_problem.hpp"
#include "host/network/operation.hpp"

namespace mbm {

struct ConvolutionLayer {
  std::string name;            // as the tables call it: "up5.convB", "7.conv.1.0"
  std::string parameter_name;  // prefix of ".weight" and ".bias" in weight files
  ConvolutionProblem problem;  // geometry at the network's input size, batch 1

  // Prefix of the batch normalisation that follows in files that keep it apart; empty: none.
  std::string normalization_name = {};

  bool has_bias = true;  // whether weight files have one; else it is 0

  // A batch normalisation that no convolution absorbs, as a depthwise 1x1 convolution. It is no
  // multiplication of the study: "all layers" leaves it out.
  bool is_normalization = false;
};

using NodeIndex = std::size_t;

struct Node {
  std::string name;  // for messages; of a convolution, its layer's
  Operation operation;
  std::vector<NodeIndex> inputs;  // all smaller than the node's own index
  FeatureShape shape;             // of its output
};

// The convolution of layer `index` (its bias included, its activation not) of `input`, shape
// (batch, input_channels, input_height, input_width).
using Convolve = std::function<at::Tensor(std::size_t index, const at::Tensor& input)>;

class Graph {
 public:
  // A graph of one node, its input, whose index is 0.
  explicit Graph(FeatureShape input);

  const std::vector<Node>& nodes() const { return nodes_; }

  // All convolutions in the order in which run() calls them, each once.
  const std::vector<ConvolutionLayer>& layers() const { return layers_; }

  // Appends the convolution of `layer`, whose problem gets the size of `input`, and returns its
  // node. Throws Error(usage) for an impossible problem.
  NodeIndex convolve(ConvolutionLayer layer, NodeIndex input);

  // Appends another operation. Throws Error(usage) that names `name` if the shapes of the inputs do
  // not fit it.
  NodeIndex apply(Operation operation, std::vector<NodeIndex> inputs, std::string name);

  // The node whose tensor is the result; the last one unless set.
  NodeIndex output() const { return output_; }
  void set_output(NodeIndex node) { output_ = node; }

  // Removes what the output does not need, so that the table of layers has what run() calls.
  void remove_unused();

  // The output for `images`, float32 (batch, channels, height, width) of the input's shape. `show`,
  // if given, is called with every node's tensor.
  at::Tensor run(const at::Tensor& images, const Convolve& convolve,
                 const std::function<void(NodeIndex, const at::Tensor&)>& show = {}) const;

  // The tensors of the nodes `wanted`; only what they need is computed, and a tensor is released as
  // soon as nothing needs it.
  std::vector<at::Tensor> run_to(
      const std::vector<NodeIndex>& wanted, const at::Tensor& images, const Convolve& convolve,
      const std::function<void(NodeIndex, const at::Tensor&)>& show = {}) const;

  // Per node, how many inputs of others it is, and one more for the output.
  std::vector<std::size_t> use_counts() const;

 private:
  // Per node, whether one of `wanted` needs it.
  std::vector<bool> needed_for(const std::vector<NodeIndex>& wanted) const;

  std::vector<Node> nodes_;
  std::vector<ConvolutionLayer> layers_;
  NodeIndex output_ = 0;
};

}  // namespace mbm
