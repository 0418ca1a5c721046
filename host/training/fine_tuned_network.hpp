// A trained network that is trained further, some of its layers with approximate products in the
// forward pass (quantisation-aware training).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "host/calibration/calibration.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/training/trainable_network.hpp"

namespace mbm {

struct FineTuningOptions {
  std::vector<std::size_t> layers;    // that learn; the others keep their parameters
  std::optional<ProductTable> table;  // their products; none: float
  QuantizationScheme scheme;          // of their operands, ranges by max-abs
  int threads = 1;                    // of the engine
};

// Forward, a layer that learns with a table is what mbm run computes: operands quantised, the sums
// those of the CPU engine, dequantised, float bias. Its activation range is a running mean of the
// batches' largest magnitudes (Jacob et al., CVPR 2018, section 3.1); a weight step follows the
// weights. Backward, products and rounding pass gradients straight through (Bengio et al., arXiv
// 1308.3432): the gradients are those of the exact convolution of the quantised operands, and 0 for
// activations beyond the range.
class FineTunedNetwork final : public TrainableNetwork {
 public:
  // `network` must outlive this; `parameters` are where it begins. Throws Error(usage) for a scheme
  // that chooses ranges otherwise, Error(input) that names a layer with weights that are not
  // finite.
  FineTunedNetwork(const Network& network, std::vector<LayerParameters> parameters,
                   FineTuningOptions options);

  at::Tensor forward_training(const at::Tensor& images) override;

  // Needs the ranges of one step of training at least.
  at::Tensor forward_evaluation(const at::Tensor& images) const override;

  NamedTensors fold() const override;
  const NamedTensors& parameters() const override { return learning_; }
  NamedTensors state() const override;
  std::map<std::string, std::string> provenance() const override;

  // The operands of all layers as the training has them now, for `mbm run --calibration`.
  Calibration calibration() const;

 private:
  bool learns(std::size_t index) const { return learns_[index]; }
  void observe(std::size_t index, const at::Tensor& input);
  LayerQuantization quantization(std::size_t index) const;
  at::Tensor convolve(std::size_t index, const at::Tensor& input) const;
  at::Tensor convolve_approximately(std::size_t index, const at::Tensor& input) const;

  const Network& network_;
  std::vector<LayerParameters> layers_;
  FineTuningOptions options_;
  std::vector<bool> learns_;
  std::unique_ptr<ConvolutionEngine> engine_;
  at::Tensor ranges_;  // per layer its input's smallest value and mean largest magnitude
  NamedTensors learning_;
};

}  // namespace mbm
