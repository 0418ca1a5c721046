// Where the deviation of a quantised, approximate network comes from: weight rounding, activation
// rounding, clipping, the multiplier, and what a correction takes back.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/evaluation/depth_study.hpp"
#include "host/inference/mixed_network.hpp"

namespace mbm {

// Each stage has the sources of error of all before it. `clipping` is the control, bit for bit.
enum class ErrorStage {
  exact_float,
  weight_rounding,
  activation_rounding,  // without clipping
  clipping,             // exact products of the quantised operands
  multiplier,
  correction,  // the multiplier with its correction; the same as before if it has none
};
inline constexpr std::size_t kErrorStages = 6;
inline constexpr std::array<std::string_view, kErrorStages> kErrorStageNames{
    "float", "weight rounding", "activation rounding", "clipping", "multiplier", "correction"};

// Sums over outputs and images: of the squares of the float output, of the difference between each
// stage and the one before it, and between the stage and float.
struct ErrorPowers {
  double signal = 0.0;
  std::array<double, kErrorStages> added{};
  std::array<double, kErrorStages> total{};

  void operator+=(const ErrorPowers& other);
};

// 10 log10(noise / signal); -infinity without noise.
double noise_decibels(double noise, double signal);

struct LayerDecomposition {
  std::size_t layer = 0;
  ErrorPowers alone;       // the layer's input is that of the float network
  ErrorPowers in_network;  // all chosen layers of the network at that stage
};

struct ImageDecomposition {
  std::string image;
  std::array<DepthMetrics, kErrorStages> metrics{};  // of the whole network at each stage
  std::vector<LayerDecomposition> layers;
  std::array<at::Tensor, kErrorStages> depth;  // metres, float32 (height, width)
};

class Decomposition {
 public:
  // The references must outlive the object. `layers` are the indices of the quantised ones.
  Decomposition(const MixedNetwork& network, std::vector<std::size_t> layers,
                const StudyMultiplier& column);

  // Of a batch of one image.
  ImageDecomposition evaluate(const DepthBatch& batch) const;

 private:
  at::Tensor convolve(std::size_t layer, const at::Tensor& input, ErrorStage stage,
                      ConvolutionEngine& engine) const;
  void measure_alone(const at::Tensor& image, ConvolutionEngine& engine,
                     std::vector<LayerDecomposition>& layers) const;

  const MixedNetwork& network_;
  std::vector<std::size_t> layers_;
  const StudyMultiplier& column_;
  ProductTable exact_;
  std::vector<at::Tensor> rounded_weights_;  // per layer of the network: dequantised
};

}  // namespace mbm
