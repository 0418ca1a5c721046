// The evaluation of a depth network: the float network, the same quantisation with exact products
// (the control) and with the approximate multiplier, image by image.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "host/calibration/calibration.hpp"
#include "host/calibration/correction.hpp"
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

// A multiplier with its correction, if any.
struct StudyMultiplier {
  std::string name;  // "mbm", "mitchell+gain"
  ProductTable table;
  CorrectionKind kind = CorrectionKind::none;
  std::optional<Correction> correction;  // once it is fitted, if the kind asks for one
};

// A column of the tables: which of the study's multipliers each layer of the network computes with.
struct StudyColumn {
  std::string name;
  std::vector<std::size_t> multipliers;  // index per layer
};

// A column for each multiplier, which all layers compute with.
std::vector<StudyColumn> uniform_columns(const Network& network,
                                         const std::vector<StudyMultiplier>& multipliers);

struct VariantMetrics {
  DepthMetrics control{};  // exact products
  std::vector<DepthMetrics> columns;
};

struct ImageResult {
  std::string image;
  DepthMetrics exact_float{};
  std::vector<VariantMetrics> variants;
};

// One variant on the images of one batch: the unit of work that a journal keeps.
struct StudyPiece {
  std::size_t first = 0;    // index of the batch's first image in the data set
  std::size_t variant = 0;  // index of the variant
  std::vector<std::string> images;
  std::vector<DepthMetrics> exact_float;  // per image
  std::vector<VariantMetrics> metrics;    // per image
  std::vector<std::int64_t> saturated;    // per layer of the variant: activations of the control
  std::vector<std::string> plans;         // per layer: how the engine computed the first column
};

// Depth maps in metres of one image, float32 (height, width), for pictures.
struct DepthPictures {
  std::string image;
  at::Tensor rgb;  // uint8 (3, height, width)
  at::Tensor truth;
  at::Tensor exact_float;
  at::Tensor control;      // of the first variant
  at::Tensor approximate;  // of the first variant, first column
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
  // The network and the parameters must outlive the study.
  DepthStudy(const Network& network, const std::vector<LayerParameters>& parameters,
             const Calibration& calibration, std::vector<StudyVariant> variants,
             std::vector<StudyMultiplier> multipliers, std::vector<StudyColumn> columns);

  const std::vector<StudyVariant>& variants() const { return variants_; }

  // Evaluates the variants whose indices are in `wanted` on a batch whose first image has the index
  // `first`; the float network runs once for all of them. `keep` gets every piece when it is done;
  // `show`, if given, is called for every image of variant 0; `profile`, if not null, gets the
  // times. May be called from several threads at once, each with an engine of its own.
  void evaluate(const DepthBatch& batch, std::size_t first, const std::vector<std::size_t>& wanted,
                ConvolutionEngine& engine, const std::function<void(StudyPiece)>& keep,
                const std::function<void(const DepthPictures&)>& show = {},
                Profile* profile = nullptr) const;

 private:
  NetworkProducts products(const StudyColumn& column, const std::vector<std::size_t>& layers) const;

  const Network& network_;
  const std::vector<LayerParameters>& parameters_;
  MixedNetwork mixed_;
  ProductTable exact_;
  std::vector<StudyVariant> variants_;
  std::vector<StudyMultiplier> multipliers_;
  std::vector<StudyColumn> columns_;
};

// The pictures of a batch as the network reads them: float32 (count, 3, height, width).
at::Tensor network_inputs(const Network& network, const DepthBatch& batch);

// Depth maps of a batch's predictions, in metres.
std::vector<at::Tensor> depth_maps(const at::Tensor& predictions, const DepthBatch& batch);

// Metrics of a batch's depth maps.
std::vector<DepthMetrics> batch_metrics(const DepthBatch& batch,
                                        const std::vector<at::Tensor>& maps);

// The picture of `sample` as a network reads it: float32 (1, 3, height, width), divided by 255.
// Throws Error(input) that names `image` if its size is not the network's.
at::Tensor network_input(const Network& network, const DepthSample& sample,
                         const std::string& image);

}  // namespace mbm
