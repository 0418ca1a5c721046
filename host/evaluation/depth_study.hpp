// The evaluation of a depth network: the float network, the same quantisation with exact products
// (the control) and with the approximate multiplier, image by image.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/calibration/calibration.hpp"
#include "host/dataset/depth_dataset.hpp"
#include "host/evaluation/depth_metrics.hpp"
#include "host/inference/mixed_network.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

// A choice of layers that are quantised and approximated together: a row of a sweep.
struct StudyVariant {
  std::string label;
  std::vector<std::size_t> layers;  // ascending indices
};

struct VariantMetrics {
  DepthMetrics control{};
  DepthMetrics approximate{};
};

struct ImageResult {
  std::string image;
  DepthMetrics exact_float{};
  std::vector<VariantMetrics> variants;
};

// The result of one batch: the unit of work that a journal keeps.
struct StudyPiece {
  std::vector<ImageResult> images;
  std::vector<std::vector<std::int64_t>> saturated;  // per variant, per layer of it: activations
  std::vector<std::vector<std::string>> plans;       // the same: how the engine computed them
};

// Depth maps in metres of one image, float32 (height, width), for pictures.
struct DepthPictures {
  std::string image;
  at::Tensor rgb;  // uint8 (3, height, width)
  at::Tensor truth;
  at::Tensor exact_float;
  at::Tensor control;      // of the first variant
  at::Tensor approximate;  // of the first variant
};

// Images that go through the network together, with what their metrics need.
struct DepthBatch {
  std::vector<std::string> names;
  std::vector<DepthSample> samples;
  std::vector<CropWindow> crops;
};

// Images first ... first + count - 1 of `dataset`. Throws Error(input) that names the image if its
// picture or depth map is not of the network's size.
DepthBatch load_batch(const Network& network, DepthDataset& dataset, std::size_t first,
                      std::size_t count);

class DepthStudy {
 public:
  // The references must outlive the study.
  DepthStudy(const Network& network, const std::vector<LayerParameters>& parameters,
             const Calibration& calibration, const std::vector<StudyVariant>& variants,
             const ProductTable& table, OperandFormat format);

  // Evaluates a batch. `show`, if given, is called for every image of it; `profile`, if not null,
  // gets the times. May be called from several threads at once, each with an engine of its own.
  StudyPiece evaluate(const DepthBatch& batch, ConvolutionEngine& engine,
                      const std::function<void(const DepthPictures&)>& show = {},
                      Profile* profile = nullptr) const;

  const std::vector<MixedNetwork>& variants() const { return variants_; }

 private:
  const Network& network_;
  const std::vector<LayerParameters>& parameters_;
  const ProductTable& table_;
  ProductTable exact_;
  std::vector<MixedNetwork> variants_;
};

// The picture of `sample` as a network reads it: float32 (1, 3, height, width), divided by 255.
// Throws Error(input) that names `image` if its size is not the network's.
at::Tensor network_input(const Network& network, const DepthSample& sample,
                         const std::string& image);

}  // namespace mbm
