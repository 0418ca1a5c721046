#include "host/evaluation/depth_study.hpp"

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// The pictures of a batch as the network reads them: float32 (count, 3, height, width).
at::Tensor network_inputs(const Network& network, const DepthBatch& batch) {
  std::vector<at::Tensor> inputs;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    inputs.push_back(network_input(network, batch.samples[i], batch.names[i]));
  }
  return at::cat(inputs, 0);
}

// Depth maps of a batch's predictions, in metres.
std::vector<at::Tensor> depth_maps(const at::Tensor& predictions, const DepthBatch& batch) {
  std::vector<at::Tensor> maps;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    const at::Tensor& truth = batch.samples[i].depth;
    maps.push_back(depth_from_prediction(predictions[static_cast<std::int64_t>(i)], truth.size(0),
                                         truth.size(1)));
  }
  return maps;
}

DepthMetrics image_metrics(const DepthBatch& batch, const std::vector<at::Tensor>& maps,
                           std::size_t i) {
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

DepthBatch load_batch(const Network& network, DepthDataset& dataset, std::size_t first,
                      std::size_t count) {
  DepthBatch batch;
  for (std::size_t i = first; i < first + count; ++i) {
    DepthSample sample = dataset.load(i);
    batch.names.push_back(dataset.image_name(i));
    const std::int64_t height = sample.depth.size(0);
    const std::int64_t width = sample.depth.size(1);
    if (height != network.input_height() || width != network.input_width()) {
      fail(ErrorKind::input, "image {}: depth map of {}x{} found, {}x{} expected by network {}",
           batch.names.back(), height, width, network.input_height(), network.input_width(),
           network.name());
    }
    batch.crops.push_back(dataset.crop(height, width));
    batch.samples.push_back(std::move(sample));
  }
  return batch;
}

DepthStudy::DepthStudy(const Network& network, const std::vector<LayerParameters>& parameters,
                       const Calibration& calibration, const std::vector<StudyVariant>& variants,
                       const ProductTable& table, OperandFormat format)
    : network_(network),
      parameters_(parameters),
      table_(table),
      exact_(make_product_table("exact")) {
  for (const StudyVariant& variant : variants) {
    variants_.emplace_back(network, parameters, calibration, variant.layers, format);
  }
}

StudyPiece DepthStudy::evaluate(const DepthBatch& batch, ConvolutionEngine& engine,
                                const std::function<void(const DepthPictures&)>& show,
                                Profile* profile) const {
  const auto time = [profile](Stage stage, double seconds) {
    if (profile != nullptr) profile->add(stage, seconds);
  };
  Stopwatch watch;
  const at::Tensor images = network_inputs(network_, batch);
  const FloatPass float_pass = run_float(network_, parameters_, images);
  time(Stage::float_pass, watch.lap());
  const std::vector<at::Tensor> float_maps = depth_maps(float_pass.prediction, batch);

  StudyPiece piece;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    piece.images.push_back({batch.names[i], image_metrics(batch, float_maps, i), {}});
  }
  time(Stage::metrics, watch.lap());
  for (std::size_t v = 0; v < variants_.size(); ++v) {
    const MixedPass control = variants_[v].run(images, float_pass, exact_, engine);
    time(Stage::control, watch.lap());
    const MixedPass approximate = variants_[v].run(images, float_pass, table_, engine, profile);
    watch.lap();
    const std::vector<at::Tensor> control_maps = depth_maps(control.prediction, batch);
    const std::vector<at::Tensor> approximate_maps = depth_maps(approximate.prediction, batch);
    piece.saturated.push_back(approximate.saturated);
    piece.plans.push_back(approximate.plans);
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      piece.images[i].variants.push_back(
          {image_metrics(batch, control_maps, i), image_metrics(batch, approximate_maps, i)});
      if (show && v == 0) {
        show({batch.names[i], batch.samples[i].rgb, batch.samples[i].depth, float_maps[i],
              control_maps[i], approximate_maps[i]});
      }
    }
    time(Stage::metrics, watch.lap());
  }
  return piece;
}

}  // namespace mbm
