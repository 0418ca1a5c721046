#include "host/calibration/calibration_file.hpp"

#include <cmath>
#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/format/input_file.hpp"
#include "host/format/sha256.hpp"

namespace mbm {
namespace {

using nlohmann::json;

constexpr std::string_view kSchema = "mbm.calibration";
constexpr int kSchemaVersion = 1;

json layer_json(const ConvolutionLayer& layer, const LayerQuantization& quantization) {
  return {{"name", layer.name},
          {"weights",
           {{"format", operand_format_name(quantization.weight_format)},
            {"steps", quantization.weight_steps}}},
          {"activations",
           {{"format", operand_format_name(quantization.activation_format)},
            {"step", quantization.activation_step}}}};
}

json correction_json(const Network& network, const StoredCorrection& stored) {
  json layers = json::array();
  for (std::size_t i = 0; i < stored.correction.layers.size(); ++i) {
    layers.push_back({{"name", network.layers()[i].name},
                      {"gain", stored.correction.layers[i].gain},
                      {"offset", stored.correction.layers[i].offset}});
  }
  return {{"multiplier", stored.multiplier},
          {"table_sha256", stored.table_sha256},
          {"kind", name_of(stored.correction.kind)},
          {"layers", layers}};
}

// A place in the document, for messages: "FILE: layers[3].weights.steps".
class Place {
 public:
  Place(const json& value, std::string name) : value_(value), name_(std::move(name)) {}

  Place operator[](const char* key) const {
    const std::string name = name_ + (name_.ends_with(' ') ? "" : ".") + key;
    if (!value_.is_object() || !value_.contains(key)) {
      fail(ErrorKind::input, "{}: not there, but expected in a calibration file", name);
    }
    return {value_.at(key), name};
  }

  Place operator[](std::size_t index) const {
    return {value_.at(index), fmt::format("{}[{}]", name_, index)};
  }

  std::size_t array_size() const {
    if (!value_.is_array()) expected("a list");
    return value_.size();
  }

  std::string text() const {
    if (!value_.is_string()) expected("a text");
    return value_.get<std::string>();
  }

  double number() const {
    if (!value_.is_number()) expected("a number");
    return value_.get<double>();
  }

  // A finite float32, positive if `positive`.
  float real(bool positive) const {
    const auto value = static_cast<float>(number());
    if (!std::isfinite(value) || (positive && value <= 0.0F)) {
      expected(positive ? "a positive number" : "a number of float32");
    }
    return value;
  }

  std::vector<float> reals(std::size_t fewest, std::size_t most, bool positive) const {
    const std::size_t size = array_size();
    if (size != fewest && size != most) {
      expected(fewest == most ? fmt::format("a list of {} numbers", most)
                              : fmt::format("a list of {} or {} numbers", fewest, most));
    }
    std::vector<float> values;
    for (std::size_t i = 0; i < size; ++i) values.push_back((*this)[i].real(positive));
    return values;
  }

  [[noreturn]] void expected(const std::string& what) const {
    std::string found = value_.dump();
    constexpr std::size_t kLongest = 40;
    if (value_.is_array()) found = fmt::format("a list of {}", value_.size());
    if (found.size() > kLongest) found = found.substr(0, kLongest) + "...";
    fail(ErrorKind::input, "{}: {} found, {} expected", name_, found, what);
  }

  // The value of `parse` of the text; an unknown one is an error of the file.
  template <typename Parse>
  auto parsed(Parse parse) const {
    const std::string value = text();
    try {
      return parse(value);
    } catch (const Error& error) {
      fail(ErrorKind::input, "{}: {}", name_, error.what());
    }
  }

 private:
  const json& value_;
  std::string name_;
};

void require_text(const Place& place, std::string_view wanted) {
  if (place.text() != wanted) place.expected(fmt::format("\"{}\"", wanted));
}

void require_layers(const Place& layers, const Network& network) {
  if (layers.array_size() != network.layers().size()) {
    layers.expected(fmt::format("a list of {} layers", network.layers().size()));
  }
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    require_text(layers[i]["name"], network.layers()[i].name);
  }
}

QuantizationScheme read_scheme(const Place& place) {
  return {place["operands"].parsed([](auto& t) { return parse_operand_scheme(t); }),
          place["weight_scales"].parsed([](auto& t) { return parse_weight_scales(t); }),
          place["activation_range"].parsed([](auto& t) { return parse_range_method(t); }),
          place["percentile"].number(),
          place["step_rounding"].parsed([](auto& t) { return parse_step_rounding(t); })};
}

LayerQuantization read_layer(const Place& place, const ConvolutionLayer& layer) {
  const auto format = [](const std::string& text) { return parse_operand_format(text); };
  const auto channels = static_cast<std::size_t>(layer.problem.output_channels);
  return {place["weights"]["format"].parsed(format),
          place["weights"]["steps"].reals(1, channels, true),
          place["activations"]["format"].parsed(format), place["activations"]["step"].real(true)};
}

CorrectionKind parse_kind(const std::string& text) {
  return parse_corrected_multiplier("+" + text).kind;
}

StoredCorrection read_correction(const Place& place, const Network& network) {
  StoredCorrection stored{
      place["multiplier"].text(), place["table_sha256"].text(), {CorrectionKind::none, {}}};
  stored.correction.kind = place["kind"].parsed(parse_kind);
  const Place layers = place["layers"];
  require_layers(layers, network);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const auto channels = static_cast<std::size_t>(network.layers()[i].problem.output_channels);
    stored.correction.layers.push_back({layers[i]["gain"].reals(channels, channels, false),
                                        layers[i]["offset"].reals(channels, channels, false)});
  }
  return stored;
}

json parse_file(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  try {
    return json::parse(bytes.begin(), bytes.end());
  } catch (const json::parse_error& error) {
    fail(ErrorKind::input, "{}: byte {}: not JSON, a calibration file expected", path.string(),
         error.byte);
  }
}

}  // namespace

std::string sha256_of_table(const ProductTable& table) {
  std::string bytes;
  for (const std::uint16_t product : table.products()) {
    bytes += static_cast<char>(product & 0xFF);
    bytes += static_cast<char>(product >> 8);
  }
  return sha256_of_text(bytes);
}

json calibration_json(const Network& network, const StoredCalibration& stored, const json& inputs) {
  const QuantizationScheme& scheme = stored.calibration.scheme;
  json layers = json::array();
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    layers.push_back(layer_json(network.layers()[i], stored.calibration.layers[i]));
  }
  json corrections = json::array();
  for (const StoredCorrection& correction : stored.corrections) {
    corrections.push_back(correction_json(network, correction));
  }
  return {{"schema", kSchema},
          {"schema_version", kSchemaVersion},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"network", network.name()},
          {"inputs", inputs},
          {"images", stored.calibration.images},
          {"scheme",
           {{"operands", name_of(scheme.operands)},
            {"weight_scales", name_of(scheme.weight_scales)},
            {"activation_range", name_of(scheme.activation_range)},
            {"percentile", scheme.percentile},
            {"step_rounding", name_of(scheme.step_rounding)}}},
          {"units",
           {{"steps", "real value of one code"},
            {"step", "real value of one code"},
            {"gain", "ratio"},
            {"offset", "units of the layer's output"}}},
          {"layers", layers},
          {"corrections", corrections}};
}

StoredCalibration read_calibration(const std::filesystem::path& path, const Network& network,
                                   const std::string& weights_sha256) {
  const json document = parse_file(path);
  const Place root(document, path.string() + ": ");
  require_text(root["schema"], kSchema);
  if (root["schema_version"].number() != kSchemaVersion) {
    root["schema_version"].expected(std::to_string(kSchemaVersion));
  }
  require_text(root["network"], network.name());
  require_text(root["inputs"]["weights"]["sha256"], weights_sha256);
  StoredCalibration stored;
  stored.calibration.images = static_cast<std::size_t>(root["images"].real(true));
  stored.calibration.scheme = read_scheme(root["scheme"]);
  const Place layers = root["layers"];
  require_layers(layers, network);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    stored.calibration.layers.push_back(read_layer(layers[i], network.layers()[i]));
  }
  const Place corrections = root["corrections"];
  for (std::size_t i = 0; i < corrections.array_size(); ++i) {
    stored.corrections.push_back(read_correction(corrections[i], network));
  }
  return stored;
}

const Correction& find_correction(const StoredCalibration& stored, const ProductTable& table,
                                  CorrectionKind kind) {
  const std::string digest = sha256_of_table(table);
  for (const StoredCorrection& correction : stored.corrections) {
    if (correction.correction.kind == kind && correction.table_sha256 == digest) {
      return correction.correction;
    }
  }
  fail(ErrorKind::usage,
       "the calibration file has no correction '{0}' for these products; make one with mbm "
       "calibrate --multiplier {1}+{0}",
       name_of(kind), table.name());
}

}  // namespace mbm
