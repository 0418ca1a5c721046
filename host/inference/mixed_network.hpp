// A network of which some convolutions are quantised and computed with a product table, the others
// in float.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "host/calibration/calibration.hpp"
#include "host/inference/profile.hpp"
#include "host/inference/quantized_layer.hpp"
#include "host/network/network.hpp"

namespace mbm {

// A float pass that keeps every convolution's output, so that variants of the network that differ
// from it only behind some layer need not repeat what comes before.
struct FloatPass {
  at::Tensor prediction;
  std::vector<at::Tensor> outputs;  // per layer, before its activation
};

FloatPass run_float(const Network& network, const std::vector<LayerParameters>& parameters,
                    const at::Tensor& images);

struct MixedPass {
  at::Tensor prediction;
  std::vector<std::int64_t> saturated;  // per replaced layer: activations beyond the range
  std::vector<std::string> plans;       // per replaced layer: how the engine computed it
};

class MixedNetwork {
 public:
  // Replaces the layers whose indices are in `replaced` (ascending). The network and the parameters
  // must outlive this object.
  MixedNetwork(const Network& network, const std::vector<LayerParameters>& parameters,
               const Calibration& calibration, std::vector<std::size_t> replaced,
               OperandFormat format);

  const std::vector<std::size_t>& replaced() const { return replaced_; }

  // The replaced layer of index `index` in the network.
  const QuantizedLayer& layer(std::size_t index) const { return *layers_[index]; }

  // Prediction for `images` with the replaced layers computed by `engine` with the products of
  // `table`. `float_pass` is the float pass of the same images: layers before the first replaced
  // one are taken from it. `profile`, if not null, gets the times.
  MixedPass run(const at::Tensor& images, const FloatPass& float_pass, const ProductTable& table,
                ConvolutionEngine& engine, Profile* profile = nullptr) const;

 private:
  const Network& network_;
  const std::vector<LayerParameters>& parameters_;
  std::vector<std::size_t> replaced_;
  std::vector<std::optional<QuantizedLayer>> layers_;  // per layer of the network
};

}  // namespace mbm
