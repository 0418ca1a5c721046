// A network that learns, as the training loop sees it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "host/format/named_tensors.hpp"
#include "host/network/network.hpp"

namespace mbm {

class TrainableNetwork {
 public:
  virtual ~TrainableNetwork() = default;

  // Gradients are recorded; statistics of the batch are taken in.
  virtual at::Tensor forward_training(const at::Tensor& images) = 0;

  // As inference will compute it; no gradients.
  virtual at::Tensor forward_evaluation(const at::Tensor& images) const = 0;

  // Weight and bias of every convolution for inference, by the names that weight files use.
  virtual NamedTensors fold() const = 0;

  // What learns, by name; the tensors are shared with this object.
  virtual const NamedTensors& parameters() const = 0;

  // What learns and all else that changes while it does, by name; shared with this object.
  virtual NamedTensors state() const = 0;

  // What makes this training another one than that of the same network from the same seed.
  virtual std::map<std::string, std::string> provenance() const { return {}; }
};

// A network from scratch: weights uniform as He et al. (ICCV 2015) advise, drawn from `seed`. While
// it learns, every convolution but the last is followed by batch normalisation (Ioffe, Szegedy,
// ICML 2015) in place of a bias; fold() makes one convolution with a bias of both. `network` must
// outlive it.
std::unique_ptr<TrainableNetwork> make_normalized_network(const Network& network,
                                                          std::uint64_t seed);

}  // namespace mbm
