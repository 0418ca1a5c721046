// A convolution layer computed with quantised operands and a product table.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/quantization/quantization.hpp"
#include "host/calibration/quantization_scheme.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct LayerCorrection;

// A layer's weights rounded to codes of these steps, as real numbers of the same shape.
at::Tensor quantized_weight(const ConvolutionLayer& layer, const LayerParameters& parameters,
                            const std::vector<float>& steps, OperandFormat format);

class QuantizedLayer {
 public:
  // Quantises the weights. Throws Error(usage) if the steps do not fit the layer.
  QuantizedLayer(const ConvolutionLayer& layer, const LayerParameters& parameters,
                 const LayerQuantization& quantization);

  const ConvolutionLayer& layer() const { return layer_; }
  const QuantizedWeights& weights() const { return weights_; }
  float activation_step() const { return activation_step_; }

  // The layer's problem for `batch` images.
  ConvolutionProblem problem(std::int64_t batch) const;

  // Codes of the activations `input`, float32 (batch, input_channels, height, width).
  QuantizedTensor quantize_activations(const at::Tensor& input) const;

  // The job of `activations` with products from `table`; both must outlive it.
  ConvolutionJob job(const QuantizedTensor& activations, const ProductTable& table) const;

  // Sums of products of quantised activations.
  Accumulators accumulate(const QuantizedTensor& activations, const ProductTable& table,
                          ConvolutionEngine& engine) const;

  // Sums of activations of the step `activation_step`, dequantised, corrected if `correction` is
  // given, float bias added: as `convolve`.
  at::Tensor dequantize_sums(std::span<const std::int32_t> sums, float activation_step,
                             const LayerCorrection* correction) const;

  // The same dequantised, corrected if `correction` is given, float bias added: float32 (batch,
  // output_channels, output height, output width).
  at::Tensor convolve(const QuantizedTensor& activations, const ProductTable& table,
                      ConvolutionEngine& engine, const LayerCorrection* correction = nullptr) const;

 private:
  // Of the sums, one for each output channel or one for all.
  std::vector<float> output_steps(float activation_step, const LayerCorrection* correction) const;

  ConvolutionLayer layer_;
  at::Tensor bias_;
  QuantizedWeights weights_;
  std::uint64_t weights_id_;
  float activation_step_;
  OperandFormat activation_format_;
};

}  // namespace mbm
