#include "host/evaluation/depth_study.hpp"

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// A batch of samples with what their metrics need.
struct Batch {
  std::vector<std::string> names;
  std::vector<DepthSample> samples;
  std::vector<CropWindow> crops;
  at::Tensor images;
};

Batch load_batch(const Network& network, DepthDataset& dataset, std::size_t first,
                 std::size_t count) {
  Batch batch;
  std::vector<at::Tensor> inputs;
  for (std::size_t i = first; i < first + count; ++i) {
    DepthSample sample = dataset.load(i);
    batch.names.push_back(dataset.image_name(i));
    inputs.push_back(network_input(network, sample, batch.names.back()));
    if (sample.depth.size(0) != network.input_height() ||
        sample.depth.size(1) != network.input_width()) {
      fail(ErrorKind::input, "image {}: depth map of {}x{} found, {}x{} expected",
           batch.names.back(), sample.depth.size(0), sample.depth.size(1), network.input_height(),
           network.input_width());
    }
    batch.crops.push_back(dataset.crop(sample.depth.size(0), sample.depth.size(1)));
    batch.samples.push_back(std::move(sample));
  }
  batch.images = at::cat(inputs, 0);
  return batch;
}

// Depth maps of a batch's predictions, in metres.
std::vector<at::Tensor> depth_maps(const at::Tensor& predictions, const Batch& batch) {
  std::vector<at::Tensor> maps;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    const at::Tensor& truth = batch.samples[i].depth;
    maps.push_back(depth_from_prediction(predictions[static_cast<std::int64_t>(i)], truth.size(0),
                                         truth.size(1)));
  }
  return maps;
}

DepthMetrics image_metrics(const Batch& batch, const std::vector<at::Tensor>& maps, std::size_t i) {
  return depth_metrics(maps[i], batch.samples[i].depth, batch.crops[i]);
}

}  // namespace

at::Tensor network_input(const Network& network, const DepthSample& sample,
                         const std::string& image) {
  if (sample.rgb.size(1) != network.input_height() || sample.rgb.size(2) != network.input_width()) {
    fail(ErrorKind::input, "image {}: {}x{} pixels found, {}x{} expected by network {}", image,
         sample.rgb.size(1), sample.rgb.size(2), network.input_height(), network.input_width(),
         network.name());
  }
  return sample.rgb.unsqueeze(0).to(at::kFloat) / 255.0F;
}

DepthStudy::DepthStudy(const Network& network, const std::vector<LayerParameters>& parameters,
                       const Calibration& calibration, const std::vector<StudyVariant>& variants,
                       const ProductTable& table, OperandFormat format, ConvolutionEngine& engine)
    : network_(network),
      parameters_(parameters),
      table_(table),
      exact_(make_product_table("exact")),
      engine_(engine) {
  for (const StudyVariant& variant : variants) {
    variants_.emplace_back(network, parameters, calibration, variant.layers, format);
  }
}

StudyPiece DepthStudy::evaluate(DepthDataset& dataset, std::size_t first, std::size_t count,
                                const std::function<void(const DepthPictures&)>& show) {
  const Batch batch = load_batch(network_, dataset, first, count);
  const FloatPass float_pass = run_float(network_, parameters_, batch.images);
  const std::vector<at::Tensor> float_maps = depth_maps(float_pass.prediction, batch);

  StudyPiece piece;
  for (std::size_t i = 0; i < count; ++i) {
    piece.images.push_back({batch.names[i], image_metrics(batch, float_maps, i), {}});
  }
  for (std::size_t v = 0; v < variants_.size(); ++v) {
    const MixedPass control = variants_[v].run(batch.images, float_pass, exact_, engine_);
    const MixedPass approximate = variants_[v].run(batch.images, float_pass, table_, engine_);
    const std::vector<at::Tensor> control_maps = depth_maps(control.prediction, batch);
    const std::vector<at::Tensor> approximate_maps = depth_maps(approximate.prediction, batch);
    piece.saturated.push_back(approximate.saturated);
    for (std::size_t i = 0; i < count; ++i) {
      piece.images[i].variants.push_back(
          {image_metrics(batch, control_maps, i), image_metrics(batch, approximate_maps, i)});
      if (show && v == 0) {
        show({batch.names[i], batch.samples[i].rgb, batch.samples[i].depth, float_maps[i],
              control_maps[i], approximate_maps[i]});
      }
    }
  }
  return piece;
}

}  // namespace mbm
