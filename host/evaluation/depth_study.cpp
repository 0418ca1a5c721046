#include "host/evaluation/depth_study.hpp"

#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
at::Tensor network_inputs(const Network& network, const DepthBatch& batch) {
  std::vector<at::Tensor> inputs;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    inputs.push_back(network_input(network, batch.samples[i], batch.names[i]));
  }
  return at::cat(inputs, 0);
}

std::vector<at::Tensor> depth_maps(const at::Tensor& predictions, const DepthBatch& batch) {
  std::vector<at::Tensor> maps;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    const at::Tensor& truth = batch.samples[i].depth;
    maps.push_back(depth_from_prediction(predictions[static_cast<std::int64_t>(i)], truth.size(0),
                                         truth.size(1)));
  }
  return maps;
}

std::vector<DepthMetrics> batch_metrics(const DepthBatch& batch,
                                        const std::vector<at::Tensor>& maps) {
  std::vector<DepthMetrics> metrics;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    metrics.push_back(depth_metrics(maps[i], batch.samples[i].depth, batch.crops[i]));
  }
  return metrics;
}

at::Tensor network_input(const Network& network, const DepthSample& sample,
                         const std::string& image) {
  if (sample.rgb.size(1) != network.input_height() || sample.rgb.size(2) != network.input_width()) {
    fail(ErrorKind::input, "image {}: {}x{} pixels found, {}x{} expected by network {}", image,
         sample.rgb.size(1), sample.rgb.size(2), network.input_height(), network.input_width(),
         network.name());
  }
  return network.scale_input(sample.rgb.unsqueeze(0));
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

std::vector<StudyColumn> uniform_columns(const Network& network,
                                         const std::vector<StudyMultiplier>& multipliers) {
  std::vector<StudyColumn> columns;
  for (std::size_t i = 0; i < multipliers.size(); ++i) {
    columns.push_back({multipliers[i].name, std::vector<std::size_t>(network.layers().size(), i)});
  }
  return columns;
}

DepthStudy::DepthStudy(const Network& network, const std::vector<LayerParameters>& parameters,
                       const Calibration& calibration, std::vector<StudyVariant> variants,
                       std::vector<StudyMultiplier> multipliers, std::vector<StudyColumn> columns)
    : network_(network),
      parameters_(parameters),
      mixed_(network, parameters, calibration),
      exact_(make_product_table("exact")),
      variants_(std::move(variants)),
      multipliers_(std::move(multipliers)),
      columns_(std::move(columns)) {}

NetworkProducts DepthStudy::products(const StudyColumn& column,
                                     const std::vector<std::size_t>& layers) const {
  NetworkProducts products(network_.layers().size());
  for (const std::size_t layer : layers) {
    const StudyMultiplier& multiplier = multipliers_[column.multipliers[layer]];
    products[layer] = {&multiplier.table,
                       multiplier.correction ? &multiplier.correction->layers[layer] : nullptr};
  }
  return products;
}

void DepthStudy::evaluate(const DepthBatch& batch, std::size_t first,
                          const std::vector<std::size_t>& wanted, ConvolutionEngine& engine,
                          const std::function<void(StudyPiece)>& keep,
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
  const std::vector<DepthMetrics> exact_float = batch_metrics(batch, float_maps);
  time(Stage::metrics, watch.lap());

  for (const std::size_t v : wanted) {
    const std::vector<std::size_t>& layers = variants_[v].layers;
    StudyPiece piece{first, v, batch.names, exact_float, {}, {}, {}};
    const MixedPass control_pass =
        mixed_.run(images, float_pass, products_of(network_, layers, exact_), engine);
    time(Stage::control, watch.lap());
    piece.saturated = control_pass.saturated;
    const std::vector<at::Tensor> control = depth_maps(control_pass.prediction, batch);
    for (const DepthMetrics& metrics : batch_metrics(batch, control)) {
      piece.metrics.push_back({metrics, {}});
    }
    for (const StudyColumn& column : columns_) {
      time(Stage::metrics, watch.lap());
      const MixedPass pass =
          mixed_.run(images, float_pass, products(column, layers), engine, profile);
      watch.lap();
      if (&column == &columns_.front()) piece.plans = pass.plans;
      const std::vector<at::Tensor> maps = depth_maps(pass.prediction, batch);
      const std::vector<DepthMetrics> metrics = batch_metrics(batch, maps);
      for (std::size_t i = 0; i < maps.size(); ++i) {
        piece.metrics[i].columns.push_back(metrics[i]);
        if (show && v == 0 && &column == &columns_.front()) {
          show({batch.names[i], batch.samples[i].rgb, batch.samples[i].depth, float_maps[i],
                control[i], maps[i]});
        }
      }
    }
    time(Stage::metrics, watch.lap());
    keep(std::move(piece));
  }
}

}  // namespace mbm
