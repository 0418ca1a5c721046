// A convolution layer computed with quantised operands and a product table.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

class QuantizedLayer {
 public:
  // Quantises the weights by their largest magnitude; activations will be quantised with a step
  // that maps `activation_maximum` onto the largest code.
  QuantizedLayer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                 float activation_maximum, OperandFormat format);

  const ConvolutionLayer& layer() const { return layer_; }
  const QuantizedTensor& weights() const { return weights_; }

  // The layer's problem for `batch` images.
  ConvolutionProblem problem(std::int64_t batch) const;

  // Codes of the activations `input`, float32 (batch, input_channels, height, width).
  QuantizedTensor quantize_activations(const at::Tensor& input) const;

  // The job of `activations` with products from `table`; both must outlive it.
  ConvolutionJob job(const QuantizedTensor& activations, const ProductTable& table) const;

  // The sums of job(activations, ...), dequantised, float bias added: float32 (batch,
  // output_channels, output height, output width).
  at::Tensor dequantize_sums(const QuantizedTensor& activations,
                             std::span<const std::int32_t> sums) const;

 private:
  ConvolutionLayer layer_;
  at::Tensor bias_;
  QuantizedTensor weights_;
  std::uint64_t weights_id_;
  float activation_step_;
  OperandFormat format_;
};

}  // namespace mbm
