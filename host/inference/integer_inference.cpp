#include "host/inference/integer_inference.hpp"

#include "host/inference/tensor_span.hpp"

namespace mbm {

Codes quantize_tensor(const at::Tensor& values, const IntegerTensor& tensor) {
  const at::Tensor contiguous = values.contiguous();
  return quantize(values_of(contiguous), tensor.step, tensor.format, "tensor " + tensor.name).codes;
}

at::Tensor dequantize_tensor(const Codes& codes, const IntegerTensor& tensor, std::int64_t batch) {
  at::Tensor values = at::empty({batch, tensor.channels, tensor.height, tensor.width}, at::kFloat);
  const std::span<float> out = mutable_values_of(values);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out[i] = static_cast<float>(codes[i]) * tensor.step;
  }
  return values;
}

IntegerInference::IntegerInference(const Network& network,
                                   const std::vector<LayerParameters>& parameters,
                                   const IntegerQuantization& quantization,
                                   const std::vector<std::size_t>& layers)
    : network_(network),
      parameters_(parameters),
      compiled_(compile_integer_network(network, parameters, quantization, layers)) {}

std::vector<Codes> IntegerInference::input_codes(const at::Tensor& images) const {
  const std::vector<at::Tensor> tensors = network_.graph().run_to(
      compiled_.inputs, images, [&](std::size_t index, const at::Tensor& input) {
        return convolve_float(network_.layers()[index], parameters_[index], input);
      });
  std::vector<Codes> codes;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    codes.push_back(
        quantize_tensor(tensors[i], compiled_.network.tensors[compiled_.network.inputs[i]]));
  }
  return codes;
}

at::Tensor IntegerInference::predict(const std::vector<Codes>& inputs, std::int64_t batch,
                                     const ProductTable& table, ConvolutionEngine& engine) const {
  const IntegerNetwork& network = compiled_.network;
  return dequantize_tensor(run_integer_network(network, inputs, batch, table, engine),
                           network.tensors[network.output], batch);
}

}  // namespace mbm
