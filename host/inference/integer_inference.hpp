// A network whose chosen layers, up to its output, compute in integers from layer to layer; what
// comes before them computes in float.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/network/integer_execution.hpp"
#include "host/network/integer_compiler.hpp"

namespace mbm {

// Codes of real numbers in the tensor's format and step: rounded to nearest (ties to even), and
// clamped. `name` is for messages about a NaN.
Codes quantize_tensor(const at::Tensor& values, const IntegerTensor& tensor);

// The real numbers of `codes`, float32 (batch, channels, height, width).
at::Tensor dequantize_tensor(const Codes& codes, const IntegerTensor& tensor, std::int64_t batch);

class IntegerInference {
 public:
  // The network and the parameters must outlive this object. Throws as compile_integer_network().
  IntegerInference(const Network& network, const std::vector<LayerParameters>& parameters,
                   const IntegerQuantization& quantization, const std::vector<std::size_t>& layers);

  const CompiledNetwork& compiled() const { return compiled_; }

  // The codes that the integer network is given for `images`, which go through the float layers.
  std::vector<Codes> input_codes(const at::Tensor& images) const;

  // The prediction from those codes, float32 (batch, channels, height, width).
  at::Tensor predict(const std::vector<Codes>& inputs, std::int64_t batch,
                     const ProductTable& table, ConvolutionEngine& engine) const;

 private:
  const Network& network_;
  const std::vector<LayerParameters>& parameters_;
  CompiledNetwork compiled_;
};

}  // namespace mbm
