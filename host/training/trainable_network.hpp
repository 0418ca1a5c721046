// A network whose convolutions learn. While it learns, every convolution but the last is followed
// by batch normalisation (Ioffe, Szegedy, ICML 2015) in place of a bias; for inference both are
// folded into one convolution with a bias.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/format/named_tensors.hpp"
#include "host/network/network.hpp"

namespace mbm {

class TrainableNetwork {
 public:
  // Weights uniform as He et al. (ICCV 2015) advise, drawn from `seed`. `network` must outlive
  // this.
  TrainableNetwork(const Network& network, std::uint64_t seed);

  // Normalises by the batch and updates the running statistics; gradients are recorded.
  at::Tensor forward_training(const at::Tensor& images);

  // Normalises by the running statistics; no gradients.
  at::Tensor forward_evaluation(const at::Tensor& images) const;

  // Weight and bias of every convolution for inference, by the names that weight files use.
  NamedTensors fold() const;

  // What learns, by name; the tensors are shared with this object.
  const NamedTensors& parameters() const { return parameters_; }

  // What learns and the running statistics, by name; shared with this object.
  NamedTensors state() const;

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

}  // namespace mbm
