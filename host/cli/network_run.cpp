#include "host/cli/network_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/calibration/calibration.hpp"
#include "host/cli/result_output.hpp"
#include "host/evaluation/network_study.hpp"
#include "host/format/sha256.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/progress/progress.hpp"
#include "host/result/network_result.hpp"

namespace mbm {
namespace {

// Batches that keep a small network's kernels busy.
constexpr std::size_t kDigitBatch = 250;

NetworkSource source_of(const NetworkRunOptions& options, const StudyOptions& study) {
  NetworkSource source = network_source(study);
  source.input_mean = options.input_mean;
  source.input_deviation = options.input_deviation;
  return source;
}

bool is_integer(const NetworkRunOptions& options, const LoadedNetwork& loaded) {
  if (options.arithmetic.empty()) return loaded.quantization.has_value();
  return options.arithmetic == "integer";
}

// Images for the ranges, one by one: the first of the data, or noise.
std::function<at::Tensor(std::size_t)> calibration_image(const Network& network,
                                                         EvaluationData* data) {
  if (data == nullptr) {
    return [&network](std::size_t index) { return noise_images(network, 1, index); };
  }
  return [data](std::size_t index) { return data->inputs(index, 1); };
}

// Everything that a run needs, so that the prediction may refer to it.
class NetworkRun {
 public:
  NetworkRun(const NetworkRunOptions& options, const StudyOptions& study)
      : options_(options),
        study_(study),
        loaded_(load_network(source_of(options, study))),
        layers_(chosen_layers()),
        engine_(options.make_engine(thread_count(study))) {
    for (const StudyMultiplier& column : load_multipliers(options.multipliers, configuration_)) {
      if (column.kind != CorrectionKind::none) {
        fail(ErrorKind::usage,
             "--multiplier: {}: corrections are not for this network or arithmetic", column.name);
      }
      tables_.push_back(column.table);
    }
    if (!study.calibration.file.empty()) {
      fail(ErrorKind::usage, "--calibration: a file of scales is for float-between depth networks");
    }
    if (!loaded_.is_seeded) {
      data_ = open_evaluation_data(*loaded_.network, study_data(study));
    } else if (!study.data.empty()) {
      fail(ErrorKind::usage,
           "network {}: without --weights its parameters are random and --data means nothing",
           study.network);
    }
  }

  NetworkResult run() {
    const QuantizedPrediction predict = prepare();
    NetworkStudyOptions options;
    const std::size_t size = data_ ? data_->size() : 1;
    const IndexRange range = parse_range(options_.images, size, "--images");
    options.first = range.first;
    options.count = range.last - range.first;
    const bool digits = loaded_.network->prediction() == Prediction::class_scores;
    options.batch = options_.batch == 1 && digits ? kDigitBatch : options_.batch;
    Progress progress("evaluating images", options.count);
    NetworkResult result;
    result.columns =
        run_network_study(*loaded_.network, loaded_.parameters, predict, data_.get(), tables_,
                          options, [&](std::size_t done) { progress.advance(done); });
    if (data_) result.score_names = data_->score_names();
    for (std::size_t i = range.first; data_ && i < range.last; ++i) {
      result.images.push_back(data_->image_name(i));
    }
    describe(result, range);
    return result;
  }

 private:
  std::vector<std::size_t> chosen_layers() const {
    std::vector<std::size_t> layers = parse_layers(*loaded_.network, options_.layers);
    if (!is_integer(options_, loaded_)) return layers;
    // In integers a normalisation is one of the layers between the others.
    const std::size_t first = layers.front();
    for (std::size_t i = first; i < loaded_.network->layers().size(); ++i) {
      if (loaded_.network->layers()[i].is_normalization) layers.push_back(i);
    }
    std::sort(layers.begin(), layers.end());
    return layers;
  }

  std::size_t calibration_images() const {
    return data_ ? std::min(study_.calibration.images, data_->size()) : 1;
  }

  QuantizedPrediction prepare() {
    if (!is_integer(options_, loaded_)) return prepare_float_between();
    inference_.emplace(*loaded_.network, loaded_.parameters, quantization(), layers_);
    return [this](const at::Tensor& images, const FloatPass&, const ProductTable& table) {
      return inference_->predict(inference_->input_codes(images), images.size(0), table, *engine_);
    };
  }

  IntegerQuantization quantization() {
    if (loaded_.quantization) return *loaded_.quantization;
    Progress progress("calibrating", calibration_images());
    const auto image = calibration_image(*loaded_.network, data_.get());
    const std::vector<TensorRange> ranges = measure_tensor_ranges(
        *loaded_.network, loaded_.parameters, calibration_images(), [&](std::size_t index) {
          progress.advance();
          return image(index);
        });
    return choose_integer_quantization(*loaded_.network, loaded_.parameters, ranges,
                                       parse_scheme(study_.calibration),
                                       parse_requantization_rounding(options_.rounding));
  }

  QuantizedPrediction prepare_float_between() {
    Progress progress("calibrating", calibration_images());
    const auto image = calibration_image(*loaded_.network, data_.get());
    const Calibration calibration =
        mbm::calibrate(*loaded_.network, loaded_.parameters, parse_scheme(study_.calibration),
                       calibration_images(), [&](std::size_t index) {
                         progress.advance();
                         return image(index);
                       });
    mixed_.emplace(*loaded_.network, loaded_.parameters, calibration);
    return [this](const at::Tensor& images, const FloatPass& pass, const ProductTable& table) {
      return mixed_->run(images, pass, products_of(*loaded_.network, layers_, table), *engine_)
          .prediction;
    };
  }

  void describe(NetworkResult& result, const IndexRange& range) const {
    const Network& network = *loaded_.network;
    result.network = network.name();
    result.is_integer = is_integer(options_, loaded_);
    result.is_seeded = loaded_.is_seeded;
    for (const std::size_t index : layers_) {
      result.layers.push_back({network.layers()[index].name, network.layers()[index].problem});
    }
    result.network_layers = network.layers().size();
    if (inference_) result.integer_network = &inference_->compiled().network;
    result.widths = options_.widths;
    const CalibrationOptions& calibration = study_.calibration;
    result.configuration = configuration_;
    result.configuration.update({{"network", network.name()},
                                 {"arithmetic", result.is_integer ? "integer" : "float-between"},
                                 {"layers", options_.layers},
                                 {"images_range", {range.first, range.last}},
                                 {"requantization_rounding", options_.rounding},
                                 {"calibration",
                                  {{"operands", calibration.operand_format},
                                   {"weight_scales", calibration.weight_scales},
                                   {"activation_range", calibration.activation_range},
                                   {"step_rounding", calibration.step_rounding},
                                   {"images", calibration_images()}}},
                                 {"seed", study_.seed},
                                 {"inputs", {{"weights", loaded_.weights}}}});
    if (loaded_.quantization && result.is_integer) {
      result.configuration["calibration"] = "as published with the weights";
    }
    if (data_) {
      const std::filesystem::path data = study_data(study_);
      result.configuration["inputs"]["data"] = {{"folder", data.filename().string()},
                                                {"sha256", sha256_of_path(data)}};
    }
  }

  const NetworkRunOptions& options_;
  const StudyOptions& study_;
  LoadedNetwork loaded_;
  nlohmann::json configuration_ = nlohmann::json::object();
  std::vector<ProductTable> tables_;
  std::vector<std::size_t> layers_;
  std::unique_ptr<ConvolutionEngine> engine_;
  std::unique_ptr<EvaluationData> data_;
  std::optional<IntegerInference> inference_;
  std::optional<MixedNetwork> mixed_;
};

}  // namespace

void add_network_run_options(CLI::App& command, NetworkRunOptions& options) {
  command
      .add_option(
          "--arithmetic", options.arithmetic,
          "integer: integers from layer to layer, from the first chosen layer to the output; "
          "float-between: back to float after each layer (default, except for fastdepth)")
      ->check(CLI::IsMember({"integer", "float-between"}));
  command
      .add_option("--requantization-rounding", options.rounding,
                  "Of the scaled sums between layers (integer)")
      ->check(CLI::IsMember({"nearest", "floor"}))
      ->capture_default_str();
  command
      .add_option("--input-mean", options.input_mean,
                  "Of an ONNX network: what is taken off image / 255, one value or one a channel")
      ->delimiter(',');
  command
      .add_option("--input-deviation", options.input_deviation,
                  "Of an ONNX network: what the rest is divided by")
      ->delimiter(',');
}

bool is_network_run(const NetworkRunOptions& options, const StudyOptions& study) {
  return options.arithmetic == "integer" || is_onnx_path(study.network) ||
         study.network == "lenet5" || study.network == "fastdepth" ||
         (study.network == "densedepth-densenet161" && study.weights.empty());
}

void run_network(const NetworkRunOptions& options, const StudyOptions& study) {
  NetworkRun run(options, study);
  const NetworkResult result = run.run();
  put_result({network_json(result).dump(2) + "\n", network_table(result), network_csv(result)},
             options.format, options.out);
  if (options.out.empty()) return;
  fmt::print(stderr, "results: {}/result.json, .csv, .txt\n", options.out);
}

}  // namespace mbm
