#include "host/cli/network_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/calibration/calibration.hpp"
#include "host/calibration/calibration_file.hpp"
#include "host/cli/result_output.hpp"
#include "host/evaluation/digit_answers.hpp"
#include "host/evaluation/network_study.hpp"
#include "host/format/image.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/progress/progress.hpp"
#include "host/result/network_result.hpp"

namespace mbm {
namespace {

// Batches that keep a small network's kernels busy.
constexpr std::size_t kDigitBatch = 250;

bool is_integer(const NetworkRunOptions& options, const LoadedNetwork& loaded) {
  if (options.arithmetic.empty()) return loaded.quantization.has_value();
  return options.arithmetic == "integer";
}

// Everything that a run needs, so that the prediction may refer to it.
class NetworkRun {
 public:
  NetworkRun(const NetworkRunOptions& options, const StudyOptions& study)
      : options_(options),
        study_(study),
        inputs_(load_network_inputs(options.integer, study)),
        layers_(chosen_layers()),
        engine_(options.make_engine(thread_count(study))) {
    for (const StudyMultiplier& column : load_multipliers(options.multipliers, configuration_)) {
      if (column.kind != CorrectionKind::none) {
        fail(ErrorKind::usage,
             "--multiplier: {}: corrections are not for this network or arithmetic", column.name);
      }
      tables_.push_back(column.table);
    }
  }

  NetworkResult run() {
    const QuantizedPrediction predict = prepare();
    NetworkStudyOptions options;
    const IndexRange range = parse_range(options_.images, inputs_.size(), "--images");
    options.first = range.first;
    options.count = range.last - range.first;
    const bool digits = inputs_.network().prediction() == Prediction::class_scores;
    options.batch = options_.batch == 1 && digits ? kDigitBatch : options_.batch;
    Progress progress("evaluating images", options.count);
    NetworkResult result;
    result.columns = run_network_study(inputs_.network(), inputs_.loaded.parameters,
                                       quantized_weights_, predict, inputs_.data.get(), tables_,
                                       options, [&](std::size_t done) { progress.advance(done); });
    if (inputs_.data) result.score_names = inputs_.data->score_names();
    for (std::size_t i = range.first; inputs_.data && i < range.last; ++i) {
      result.images.push_back(inputs_.data->image_name(i));
    }
    describe(result, range);
    add_worst(result, range);
    return result;
  }

 private:
  std::vector<std::size_t> chosen_layers() const {
    std::vector<std::size_t> layers = parse_layers(inputs_.network(), options_.layers);
    if (!is_integer(options_, inputs_.loaded)) return layers;
    // In integers a normalisation is one of the layers between the others.
    const std::size_t first = layers.front();
    for (std::size_t i = first; i < inputs_.network().layers().size(); ++i) {
      if (inputs_.network().layers()[i].is_normalization) layers.push_back(i);
    }
    std::sort(layers.begin(), layers.end());
    return layers;
  }

  QuantizedPrediction prepare() {
    if (!is_integer(options_, inputs_.loaded)) return prepare_float_between();
    const IntegerQuantization quantization = choose_quantization(options_.integer, study_, inputs_);
    quantize_weights(quantization.weight_steps, quantization.weight_format);
    inference_.emplace(inputs_.network(), inputs_.loaded.parameters, quantization, layers_);
    return [this](const at::Tensor& images, const FloatPass&, const ProductTable& table) {
      return inference_->predict(inference_->input_codes(images), images.size(0), table, *engine_);
    };
  }

  // The float network with the weights of the chosen layers rounded: the first half of
  // quantisation.
  void quantize_weights(const std::vector<std::vector<float>>& steps, OperandFormat format) {
    if (inputs_.network().prediction() != Prediction::class_scores) return;
    quantized_weights_ = inputs_.loaded.parameters;
    for (const std::size_t index : layers_) {
      quantized_weights_[index].weight =
          quantized_weight(inputs_.network().layers()[index], inputs_.loaded.parameters[index],
                           steps[index], format);
    }
  }

  Calibration float_between_calibration() {
    if (!study_.calibration.file.empty()) {
      return read_calibration(study_.calibration.file, inputs_.network(),
                              inputs_.loaded.weights.at("sha256"))
          .calibration;
    }
    Progress progress("calibrating", inputs_.calibration_images);
    return mbm::calibrate(inputs_.network(), inputs_.loaded.parameters,
                          parse_scheme(study_.calibration), inputs_.calibration_images,
                          [&](std::size_t index) {
                            progress.advance();
                            return inputs_.image(index);
                          });
  }

  QuantizedPrediction prepare_float_between() {
    const Calibration calibration = float_between_calibration();
    std::vector<std::vector<float>> steps;
    for (const LayerQuantization& layer : calibration.layers) steps.push_back(layer.weight_steps);
    quantize_weights(steps, calibration.layers.front().weight_format);
    mixed_.emplace(inputs_.network(), inputs_.loaded.parameters, calibration);
    return [this](const at::Tensor& images, const FloatPass& pass, const ProductTable& table) {
      return mixed_->run(images, pass, products_of(inputs_.network(), layers_, table), *engine_)
          .prediction;
    };
  }

  // The digits that the last column gets most wrong.
  void add_worst(NetworkResult& result, const IndexRange& range) const {
    if (result.columns.back().answers.empty()) return;
    for (const std::size_t i : worst_answers(result.columns.back().answers, options_.worst)) {
      result.worst.push_back({range.first + i, result.columns.back().answers[i],
                              inputs_.data->gray_picture(range.first + i)});
    }
  }

  void describe(NetworkResult& result, const IndexRange& range) const {
    const Network& network = inputs_.network();
    result.network = network.name();
    result.is_integer = is_integer(options_, inputs_.loaded);
    result.is_seeded = inputs_.loaded.is_seeded;
    for (const std::size_t index : layers_) {
      result.layers.push_back({network.layers()[index].name, network.layers()[index].problem});
    }
    result.network_layers = network.layers().size();
    if (inference_) result.integer_network = &inference_->compiled().network;
    result.widths = options_.widths;
    result.configuration = configuration_;
    result.configuration.update(describe_inputs(inputs_, study_, result.is_integer));
    result.configuration.update({{"arithmetic", result.is_integer ? "integer" : "float-between"},
                                 {"layers", options_.layers},
                                 {"images_range", {range.first, range.last}},
                                 {"requantization_rounding", options_.integer.rounding},
                                 {"requantization", options_.integer.scaling}});
  }

  const NetworkRunOptions& options_;
  const StudyOptions& study_;
  NetworkInputs inputs_;
  nlohmann::json configuration_ = nlohmann::json::object();
  std::vector<ProductTable> tables_;
  std::vector<std::size_t> layers_;
  std::unique_ptr<ConvolutionEngine> engine_;
  std::vector<LayerParameters> quantized_weights_;  // empty: no column of its own
  std::optional<IntegerInference> inference_;
  std::optional<MixedNetwork> mixed_;
};

}  // namespace

NetworkInputs load_network_inputs(const IntegerOptions& options, const StudyOptions& study) {
  NetworkSource source = network_source(study);
  source.input_mean = options.input_mean;
  source.input_deviation = options.input_deviation;
  return load_network_inputs(source, study);
}

IntegerQuantization choose_quantization(const IntegerOptions& options, const StudyOptions& study,
                                        const NetworkInputs& inputs) {
  IntegerQuantization quantization = integer_quantization(inputs, study, options.rounding);
  quantization.divides = options.scaling == "divide";
  return quantization;
}

void add_network_run_options(CLI::App& command, NetworkRunOptions& options) {
  command
      .add_option(
          "--arithmetic", options.arithmetic,
          "integer: integers from layer to layer, from the first chosen layer to the output; "
          "float-between: back to float after each layer (default, except for fastdepth)")
      ->check(CLI::IsMember({"integer", "float-between"}));
  add_integer_options(command, options.integer);
  command
      .add_option("--worst", options.worst,
                  "Digits: the N worst of the last multiplier, with --out on a sheet worst.png")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
}

void add_integer_options(CLI::App& command, IntegerOptions& options) {
  command
      .add_option("--requantization-rounding", options.rounding,
                  "Of the scaled sums between layers (integer)")
      ->check(CLI::IsMember({"nearest", "floor"}))
      ->capture_default_str();
  command
      .add_option("--requantization", options.scaling,
                  "Of sums of products (integer): multiply by M, or divide by round(1/M)")
      ->check(CLI::IsMember({"multiply", "divide"}))
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
         study.network == "fastdepth" ||
         make_network(study.network)->prediction() == Prediction::class_scores ||
         (study.network == "densedepth-densenet161" && study.weights.empty());
}

void run_network(const NetworkRunOptions& options, const StudyOptions& study) {
  NetworkRun run(options, study);
  const NetworkResult result = run.run();
  put_result({network_json(result).dump(2) + "\n", network_table(result), network_csv(result)},
             options.format, options.out);
  if (options.out.empty()) return;
  if (!result.worst.empty()) {
    write_rgb_png(std::filesystem::path(options.out) / "worst.png", digit_sheet(result.worst));
  }
  fmt::print(stderr, "results: {}/result.json, .csv, .txt{}\n", options.out,
             result.worst.empty() ? "" : ", worst.png");
}

}  // namespace mbm
