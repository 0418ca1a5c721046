#include "host/cli/study_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <sstream>

#include "cmodel/common/error.hpp"
#include "cmodel/common/thread_count.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/format/sha256.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

const std::filesystem::path kEmbeddedData =
    std::filesystem::path(MBM_SOURCE_DIR) / "data" / "default";
constexpr std::string_view kEmbeddedNetwork = "densedepth-mobilenetv2-small";

std::string weights_path(const StudyOptions& options) {
  if (!options.weights.empty() || options.network != kEmbeddedNetwork) return options.weights;
  return (kEmbeddedData / "weights.safetensors").string();
}

std::filesystem::path data_path(const StudyOptions& options) {
  if (!options.data.empty()) return options.data;
  if (options.network == kEmbeddedNetwork) return kEmbeddedData / "rooms";
  fail(ErrorKind::usage, "network {}: no embedded images; give --data FOLDER", options.network);
}

bool is_encoder(const ConvolutionLayer& layer) {
  return layer.parameter_name.starts_with("encoder.");
}

std::size_t parse_index(std::string_view text, const std::string& whole, const std::string& what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(ErrorKind::usage, "{}: '{}' found, N or A:B expected", what, whole);
  }
  return value;
}

}  // namespace

void add_study_options(CLI::App& command, StudyOptions& options) {
  command.add_option("--network", options.network, "Network")->capture_default_str();
  command.add_option("--weights", options.weights,
                     "Weights: safetensors or PyTorch checkpoint (default: the embedded ones)");
  command.add_option("--data", options.data,
                     "Images: folder with rgb/ and depth/, or DenseDepth's nyu_test.zip (default: "
                     "the embedded ones)");
  command
      .add_option("--multiplier", options.multiplier,
                  "Multiplier, as in 'mbm multiplier list', or a file with its product table")
      ->capture_default_str();
  command
      .add_option("--operand-format", options.operand_format, "Operands of the quantised layers")
      ->check(CLI::IsMember({"sign-magnitude8", "int8"}))
      ->capture_default_str();
  command
      .add_option("--calibration-images", options.calibration_images,
                  "Scales are chosen by max-abs over the first N images of the data")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Threads; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Recorded in the result")->capture_default_str();
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
  ProductTable table = resolve_product_table(options.multiplier);
  LoadedNetwork loaded = load_network(network_source(options));
  const std::filesystem::path data = data_path(options);
  auto dataset = open_depth_dataset(data);
  nlohmann::json description = {
      {"network", loaded.network->name()},
      {"multiplier", table.name()},
      {"operand_format", options.operand_format},
      {"calibration", {{"method", "max-abs"}, {"images", options.calibration_images}}},
      {"seed", options.seed},
      {"inputs",
       {{"weights", loaded.weights},
        {"data", {{"folder", data.filename().string()}, {"sha256", sha256_of_path(data)}}}}}};
  if (const auto file = table_file_of(options.multiplier)) {
    description["inputs"]["multiplier"] = {{"file", file->filename().string()},
                                           {"sha256", sha256_of_path(*file)}};
  }
  return {std::move(loaded.network),
          std::move(loaded.parameters),
          std::move(dataset),
          std::move(table),
          parse_operand_format(options.operand_format),
          std::move(description)};
}

Calibration calibrate(const StudyInputs& inputs, const StudyOptions& options) {
  const std::size_t count = std::min(options.calibration_images, inputs.dataset->size());
  Progress progress("calibrating", count);
  return calibrate_max_abs(*inputs.network, inputs.parameters, count, [&](std::size_t index) {
    const at::Tensor image = network_input(*inputs.network, inputs.dataset->load(index),
                                           inputs.dataset->image_name(index));
    progress.advance();
    return image;
  });
}

std::vector<std::size_t> parse_layers(const Network& network, const std::string& text) {
  std::set<std::size_t> indices;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    if (name != "all" && name != "encoder" && name != "decoder") {
      indices.insert(network.layer_index(name));
      continue;
    }
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      const ConvolutionLayer& layer = network.layers()[i];
      if (layer.is_normalization) continue;  // no convolution of the network
      if (name == "all" || is_encoder(layer) == (name == "encoder")) indices.insert(i);
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
