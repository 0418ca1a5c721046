// A network of which some convolutions are computed with quantised operands and a product table,
// the others in float.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/calibration/calibration.hpp"
#include "host/calibration/correction.hpp"
#include "host/inference/profile.hpp"
#include "host/inference/quantized_layer.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

// A pass of the float network that keeps every convolution's output, so that variants of the
// network that differ from it only behind some layer need not repeat what comes before.
struct FloatPass {
  at::Tensor prediction;
  std::vector<at::Tensor> outputs;  // per layer, before its activation
};

FloatPass run_float(const Network& network, const std::vector<LayerParameters>& parameters,
                    const at::Tensor& images);

// How a layer's products are computed: in float where there is no table.
struct LayerProducts {
  const ProductTable* table = nullptr;
  const LayerCorrection* correction = nullptr;
};

// Per layer of the network.
using NetworkProducts = std::vector<LayerProducts>;

// `table` in the layers of `replaced`, float in the others.
NetworkProducts products_of(const Network& network, const std::vector<std::size_t>& replaced,
                            const ProductTable& table);

struct MixedPass {
  at::Tensor prediction;
  std::vector<std::int64_t> saturated;  // per quantised layer: activations beyond the range
  std::vector<std::string> plans;       // per quantised layer: how the engine computed it
};

class MixedNetwork {
 public:
  // The network and the parameters must outlive this object.
  MixedNetwork(const Network& network, const std::vector<LayerParameters>& parameters,
               const Calibration& calibration);

  const Network& network() const { return network_; }
  const std::vector<LayerParameters>& parameters() const { return parameters_; }
  const std::vector<QuantizedLayer>& layers() const { return layers_; }

  // Prediction for `images` with the products as chosen, computed by `engine`. `float_pass` is the
  // float pass of the same images: layers before the first quantised one are taken from it.
  // `profile`, if not null, gets the times.
  MixedPass run(const at::Tensor& images, const FloatPass& float_pass,
                const NetworkProducts& products, ConvolutionEngine& engine,
                Profile* profile = nullptr) const;

 private:
  const Network& network_;
  const std::vector<LayerParameters>& parameters_;
  std::vector<QuantizedLayer> layers_;
};

}  // namespace mbm
