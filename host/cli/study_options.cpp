#include "host/cli/study_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_count.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/evaluation/layer_assignment.hpp"
#include "host/format/sha256.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"
#include "sim/project_folder.hpp"

namespace mbm {
namespace {

std::filesystem::path embedded_data() {
  return project_folder() / "data" / "default";
}

// A network whose weights and images are in the repository.
struct EmbeddedNetwork {
  std::string_view network;
  std::string_view weights;  // below embedded_data(), as the images
  std::string_view images;
};
constexpr std::array<EmbeddedNetwork, 2> kEmbeddedNetworks{
    {{"densedepth-mobilenetv2-small", "weights.safetensors", "rooms"},
     {"lenet5", "lenet5.safetensors", "digits"}}};

const EmbeddedNetwork* embedded_network(const std::string& name) {
  const auto found =
      std::find_if(kEmbeddedNetworks.begin(), kEmbeddedNetworks.end(),
                   [&](const EmbeddedNetwork& embedded) { return embedded.network == name; });
  return found == kEmbeddedNetworks.end() ? nullptr : &*found;
}

std::string weights_path(const StudyOptions& options) {
  const EmbeddedNetwork* embedded = embedded_network(options.network);
  if (!options.weights.empty() || embedded == nullptr) return options.weights;
  return (embedded_data() / embedded->weights).string();
}

std::filesystem::path data_path(const StudyOptions& options) {
  if (!options.data.empty()) return options.data;
  if (const EmbeddedNetwork* embedded = embedded_network(options.network)) {
    return embedded_data() / embedded->images;
  }
  fail(ErrorKind::usage, "network {}: no embedded images; give --data FOLDER", options.network);
}

bool is_encoder(const ConvolutionLayer& layer) {
  return layer.parameter_name.starts_with("encoder.");
}

bool is_depthwise(const ConvolutionLayer& layer) {
  const ConvolutionProblem& problem = layer.problem;
  return problem.groups > 1 && problem.groups == problem.input_channels &&
         problem.groups == problem.output_channels;
}

std::size_t parse_index(std::string_view text, const std::string& whole, const std::string& what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(ErrorKind::usage, "{}: '{}' found, N or A:B expected", what, whole);
  }
  return value;
}

void add_input_options(CLI::App& command, StudyOptions& options) {
  command
      .add_option("--network", options.network,
                  fmt::format("{}, or an .onnx file", fmt::join(network_names(), ", ")))
      ->capture_default_str();
  command.add_option("--weights", options.weights,
                     "Weights: safetensors or PyTorch checkpoint (default: the embedded ones)");
  command.add_option("--data", options.data,
                     "Images: folder with rgb/ and depth/, or DenseDepth's nyu_test.zip (default: "
                     "the embedded ones)");
  command.add_option("--threads", options.threads, "Threads; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Recorded in the result")->capture_default_str();
}

}  // namespace

std::vector<CLI::Option*> add_operand_options(CLI::App& command, CalibrationOptions& options) {
  return {command
              .add_option("--operand-format", options.operand_format,
                          "Operands: sign-magnitude8, int8, int8-uint8 (activations that are never "
                          "negative unsigned), or fewer bits of magnitude: sign-magnitude6, 5 or 4")
              ->check(CLI::IsMember({"sign-magnitude8", "int8", "int8-uint8", "sign-magnitude6",
                                     "sign-magnitude5", "sign-magnitude4"}))
              ->capture_default_str(),
          command
              .add_option("--weight-scales", options.weight_scales,
                          "One scale for a layer's weights, or one for each output channel")
              ->check(CLI::IsMember({"tensor", "channel"}))
              ->capture_default_str(),
          command
              .add_option("--step-rounding", options.step_rounding,
                          "Steps rounded up to powers of two or of ten")
              ->check(CLI::IsMember({"none", "power-of-two", "power-of-ten"}))
              ->capture_default_str()};
}

namespace {

std::vector<CLI::Option*> add_scheme_options(CLI::App& command, CalibrationOptions& options) {
  std::vector<CLI::Option*> added = add_operand_options(command, options);
  const std::vector<CLI::Option*> others{
      command
          .add_option("--activation-range", options.activation_range,
                      "The largest activation that is not clipped, by max-abs, percentile, least "
                      "mean squared error or KL divergence")
          ->check(CLI::IsMember({"max-abs", "percentile", "mse", "kl"}))
          ->capture_default_str(),
      command.add_option("--percentile", options.percentile, "Of --activation-range percentile")
          ->check(CLI::Range(50.0, 100.0))
          ->capture_default_str(),
      command.add_option("--calibration-data", options.data,
                         "Images that scales and corrections are measured on (default: --data)"),
      command
          .add_option("--calibration-images", options.images,
                      "Scales and corrections are measured on N of them, spread evenly")
          ->check(CLI::PositiveNumber)
          ->capture_default_str()};
  added.insert(added.end(), others.begin(), others.end());
  return added;
}

DepthDataset& calibration_data(const StudyInputs& inputs) {
  return inputs.calibration_data ? *inputs.calibration_data : *inputs.dataset;
}

std::size_t calibration_count(const StudyInputs& inputs, const StudyOptions& options) {
  return std::min(options.calibration.images, calibration_data(inputs).size());
}

// The corrections of `columns`, fitted on the first `count` images, put there.
void fit_columns(const StudyInputs& inputs, const StudyOptions& options,
                 const Calibration& calibration, std::vector<StudyMultiplier>& columns) {
  std::vector<CorrectionRequest> requests;
  std::vector<StudyMultiplier*> corrected;
  for (StudyMultiplier& column : columns) {
    if (column.kind == CorrectionKind::none) continue;
    requests.push_back({column.kind, &column.table});
    corrected.push_back(&column);
  }
  if (requests.empty()) return;
  Progress progress("fitting corrections", calibration.images);
  std::vector<Correction> corrections = fit_corrections(
      *inputs.network, inputs.parameters, calibration, requests, calibration.images,
      [&](std::size_t index) {
        progress.advance();
        return calibration_image(inputs, options, index);
      },
      thread_count(options));
  for (std::size_t i = 0; i < corrected.size(); ++i) {
    corrected[i]->correction = std::move(corrections[i]);
  }
}

// The multiplier that `text` names; its name and, of a file, the digest are added to `list`.
StudyMultiplier load_multiplier(const std::string& text, nlohmann::json& list) {
  const auto [multiplier, kind] = parse_corrected_multiplier(text);
  ProductTable table = resolve_product_table(multiplier);
  const std::string name = kind == CorrectionKind::none
                               ? table.name()
                               : fmt::format("{}+{}", table.name(), std::string(name_of(kind)));
  nlohmann::json entry = {{"name", name}};
  if (const auto file = table_file_of(multiplier)) {
    entry["file"] = file->filename().string();
    entry["sha256"] = sha256_of_path(*file);
  }
  list.push_back(entry);
  return {name, std::move(table), kind, std::nullopt};
}

}  // namespace

void add_calibrating_study_options(CLI::App& command, StudyOptions& options) {
  add_input_options(command, options);
  add_scheme_options(command, options.calibration);
}

void add_study_options(CLI::App& command, StudyOptions& options) {
  add_input_options(command, options);
  CLI::Option* file = command.add_option("--calibration", options.calibration.file,
                                         "Scales and corrections from a file of 'mbm calibrate'");
  for (CLI::Option* option : add_scheme_options(command, options.calibration)) {
    file->excludes(option);
  }
}

void add_multipliers_option(CLI::App& command, std::vector<std::string>& multipliers) {
  command
      .add_option("--multiplier", multipliers,
                  "Multipliers, separated by commas: as in 'mbm multiplier list', or files with "
                  "product tables; with +gain, +offset or +affine behind a name its common error "
                  "is folded into the scales and biases of each output channel")
      ->delimiter(',')
      ->capture_default_str();
}

QuantizationScheme parse_scheme(const CalibrationOptions& options) {
  return {parse_operand_scheme(options.operand_format), parse_weight_scales(options.weight_scales),
          parse_range_method(options.activation_range), options.percentile,
          parse_step_rounding(options.step_rounding)};
}

int thread_count(const StudyOptions& options) {
  return thread_count_or_cores(options.threads);
}

NetworkSource network_source(const StudyOptions& options) {
  return {.network = options.network, .weights = weights_path(options), .seed = options.seed};
}

std::filesystem::path study_data(const StudyOptions& options) {
  return data_path(options);
}

StudyInputs load_study_inputs(const StudyOptions& options) {
  LoadedNetwork loaded = load_network(network_source(options));
  const std::filesystem::path data = data_path(options);
  auto dataset = open_depth_dataset(data);
  std::unique_ptr<DepthDataset> calibration_data;
  nlohmann::json description = {
      {"network", loaded.network->name()},
      {"seed", options.seed},
      {"inputs",
       {{"weights", loaded.weights},
        {"data", {{"folder", data.filename().string()}, {"sha256", sha256_of_path(data)}}}}}};
  const CalibrationOptions& calibration = options.calibration;
  if (!calibration.file.empty()) {
    description["inputs"]["calibration"] = {
        {"file", std::filesystem::path(calibration.file).filename().string()},
        {"sha256", sha256_of_file(calibration.file)}};
  } else {
    description["calibration"] = {{"operands", calibration.operand_format},
                                  {"weight_scales", calibration.weight_scales},
                                  {"activation_range", calibration.activation_range},
                                  {"percentile", calibration.percentile},
                                  {"step_rounding", calibration.step_rounding},
                                  {"images", calibration.images}};
    if (!calibration.data.empty()) {
      calibration_data = open_depth_dataset(calibration.data);
      description["inputs"]["calibration_data"] = {
          {"folder", std::filesystem::path(calibration.data).filename().string()},
          {"sha256", sha256_of_path(calibration.data)}};
    }
  }
  return {std::move(loaded.network), std::move(loaded.parameters), std::move(dataset),
          std::move(calibration_data), std::move(description)};
}

std::vector<StudyMultiplier> load_multipliers(const std::vector<std::string>& multipliers,
                                              nlohmann::json& description) {
  std::vector<StudyMultiplier> loaded;
  description["multipliers"] = nlohmann::json::array();
  for (const std::string& text : multipliers) {
    loaded.push_back(load_multiplier(text, description["multipliers"]));
  }
  return loaded;
}

void add_assignment_option(CLI::App& command, std::string& file) {
  command.add_option("--assignment", file,
                     "result.json of 'mbm search': one more column, with the multiplier that it "
                     "chose for each layer");
}

std::vector<StudyColumn> load_study_columns(const Network& network,
                                            const std::vector<std::size_t>& layers,
                                            const std::string& assignment,
                                            std::vector<StudyMultiplier>& multipliers,
                                            nlohmann::json& description) {
  std::vector<StudyColumn> columns = uniform_columns(network, multipliers);
  if (assignment.empty()) return columns;
  const LayerAssignment chosen = read_assignment(assignment, network.name());
  description["inputs"]["assignment"] = {
      {"file", std::filesystem::path(assignment).filename().string()},
      {"sha256", sha256_of_file(assignment)}};
  StudyColumn column{"assignment", std::vector<std::size_t>(network.layers().size())};
  for (const std::size_t layer : layers) {
    const auto found = chosen.multipliers.find(network.layers()[layer].name);
    if (found == chosen.multipliers.end()) {
      fail(ErrorKind::input, "{}: chosen.layers: no multiplier for layer {}, which --layers names",
           assignment, network.layers()[layer].name);
    }
    const auto known = std::find_if(multipliers.begin(), multipliers.end(),
                                    [&](const auto& m) { return m.name == found->second; });
    column.multipliers[layer] = static_cast<std::size_t>(known - multipliers.begin());
    if (known == multipliers.end()) {
      multipliers.push_back(load_multiplier(found->second, description["multipliers"]));
    }
  }
  columns.push_back(std::move(column));
  return columns;
}

at::Tensor calibration_image(const StudyInputs& inputs, const StudyOptions& options,
                             std::size_t index) {
  DepthDataset& dataset = calibration_data(inputs);
  const std::size_t chosen = index * dataset.size() / calibration_count(inputs, options);
  return network_input(*inputs.network, dataset.load(chosen), dataset.image_name(chosen));
}

StoredCalibration calibrate(const StudyInputs& inputs, const StudyOptions& options,
                            std::vector<StudyMultiplier>& columns) {
  if (!options.calibration.file.empty()) {
    StoredCalibration stored =
        read_calibration(options.calibration.file, *inputs.network,
                         inputs.description.at("inputs").at("weights").at("sha256"));
    for (StudyMultiplier& column : columns) {
      if (column.kind == CorrectionKind::none) continue;
      column.correction = find_correction(stored, column.table, column.kind);
    }
    return stored;
  }
  const std::size_t count = calibration_count(inputs, options);
  Calibration calibration;
  {
    Progress progress("calibrating", count);
    calibration = mbm::calibrate(*inputs.network, inputs.parameters,
                                 parse_scheme(options.calibration), count, [&](std::size_t index) {
                                   progress.advance();
                                   return calibration_image(inputs, options, index);
                                 });
  }
  fit_columns(inputs, options, calibration, columns);
  StoredCalibration stored{std::move(calibration), {}};
  for (const StudyMultiplier& column : columns) {
    if (!column.correction) continue;
    stored.corrections.push_back(
        {column.table.name(), sha256_of_table(column.table), *column.correction});
  }
  return stored;
}

namespace {

// Whether a layer belongs to the named group of layers; null if `group` is not one.
bool (*layer_group(const std::string& group))(const ConvolutionLayer&) {
  if (group == "all") return [](const ConvolutionLayer&) { return true; };
  if (group == "encoder") return [](const ConvolutionLayer& layer) { return is_encoder(layer); };
  if (group == "decoder") return [](const ConvolutionLayer& layer) { return !is_encoder(layer); };
  if (group == "depthwise") {
    return [](const ConvolutionLayer& layer) { return is_depthwise(layer); };
  }
  if (group == "dense") return [](const ConvolutionLayer& layer) { return !is_depthwise(layer); };
  return nullptr;
}

}  // namespace

std::vector<std::size_t> parse_layers(const Network& network, const std::string& text) {
  std::set<std::size_t> indices;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    const auto belongs = layer_group(name);
    if (belongs == nullptr) {
      indices.insert(network.layer_index(name));
      continue;
    }
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      const ConvolutionLayer& layer = network.layers()[i];
      if (layer.is_normalization) continue;  // no convolution of the network
      if (belongs(layer)) indices.insert(i);
    }
  }
  if (indices.empty()) fail(ErrorKind::usage, "--layers: no layer in '{}'", text);
  return {indices.begin(), indices.end()};
}

IndexRange parse_range(const std::string& text, std::size_t size, const std::string& what) {
  if (text.empty()) return {0, size};
  const std::size_t colon = text.find(':');
  const std::string_view view = text;
  IndexRange range{0, 0};
  if (colon == std::string::npos) {
    range.last = parse_index(view, text, what);
  } else {
    range = {parse_index(view.substr(0, colon), text, what),
             parse_index(view.substr(colon + 1), text, what)};
  }
  if (range.first >= range.last || range.last > size) {
    fail(ErrorKind::usage, "{}: '{}' found, a non-empty range within 0:{} expected", what, text,
         size);
  }
  return range;
}

}  // namespace mbm
