// The depth study's defects, one by one: what its published table would show for a network if each
// of them were there or not.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/evaluation/depth_study.hpp"
#include "host/evaluation/published_study.hpp"
#include "host/inference/mixed_network.hpp"

namespace mbm {

// What turns the float network into the study's result. All but the multiplier are defects; its
// sixth, the missing control, is that no share was taken apart at all.
enum class StudyEffect {
  multiplier,          // approximate products instead of exact ones
  powers_of_ten,       // one scale a tensor, a power of ten, instead of the calibrated ones
  scrambled_patches,   // k x k convolutions read unfold(2).unfold(3) without the permutation
  ignored_stride,      // the full convolution always took stride 1
  truncated_division,  // outputs truncated towards zero to whole numbers
  leftover_images,     // the baseline lacks the images left over from the last batch of four
};
inline constexpr std::size_t kStudyBatch = 4;
inline constexpr std::size_t kStudyEffects = 6;
inline constexpr std::array<std::string_view, kStudyEffects> kStudyEffectNames{
    "multiplier",     "powers-of-ten",      "scrambled-patches",
    "ignored-stride", "truncated-division", "leftover-images"};

using EffectSet = std::bitset<kStudyEffects>;

// The effects of `enabled` that concern a layer: scrambling a k x k convolution without groups,
// the stride one with a stride, the division what the study computed in C++.
EffectSet effects_of(const ConvolutionLayer& layer, const EffectSet& enabled);

// Input of a k x k convolution as the study's defect arranged it: float32 (1, channels * k * k, H,
// W) whose element [c * k * k + m, j] is tap (m L + j) mod k^2 of the patch at position (m L + j)
// div k^2, where L = H W; for a 1x1 convolution with the same weights.
at::Tensor scrambled_patches(const at::Tensor& input, const ConvolutionProblem& problem);

// The change of a layer's six metrics in percent of the float network, and what each effect has in
// it: its Shapley value, the mean over all orders in which the effects can be switched on. The
// shares and the change by quantisation alone add up to the whole.
struct EffectShares {
  std::string layer;
  DepthMetrics total{};  // with all effects that concern the layer
  DepthMetrics quantization{};
  std::array<DepthMetrics, kStudyEffects> shares{};
};

class CompatibilityStudy {
 public:
  // The references must outlive the object.
  CompatibilityStudy(const MixedNetwork& network, const Calibration& calibration,
                     const ProductTable& table);

  // Metrics of one image with `layer` quantised and the given effects (leftover_images aside).
  DepthMetrics evaluate(const DepthBatch& image, const FloatPass& float_pass, std::size_t layer,
                        const EffectSet& effects, ConvolutionEngine& engine) const;

 private:
  at::Tensor convolve(const at::Tensor& input, std::size_t layer, const EffectSet& effects,
                      ConvolutionEngine& engine) const;
  LayerQuantization quantization(std::size_t layer, const EffectSet& effects) const;

  const MixedNetwork& network_;
  const Calibration& calibration_;
  const ProductTable& table_;
  ProductTable exact_;
};

// Means over images of every subset of a layer's effects, index: the bits of the set, leftover
// images aside.
using SubsetMetrics = std::vector<DepthMetrics>;

// `float_images` are the float network's metrics of each image.
EffectShares effect_shares(const std::string& layer, const EffectSet& effects,
                           const SubsetMetrics& means,
                           const std::vector<DepthMetrics>& float_images);

}  // namespace mbm
