#include "host/calibration/calibration_file.hpp"

#include <fmt/format.h>

#include <utility>

#include "cmodel/common/error.hpp"
#include "cmodel/common/version.hpp"
#include "host/format/json_document.hpp"
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

void require_layers(const JsonPlace& layers, const Network& network) {
  if (layers.array_size() != network.layers().size()) {
    layers.expected(fmt::format("a list of {} layers", network.layers().size()));
  }
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    layers[i]["name"].require_text(network.layers()[i].name);
  }
}

QuantizationScheme read_scheme(const JsonPlace& place) {
  return {place["operands"].parsed([](auto& t) { return parse_operand_scheme(t); }),
          place["weight_scales"].parsed([](auto& t) { return parse_weight_scales(t); }),
          place["activation_range"].parsed([](auto& t) { return parse_range_method(t); }),
          place["percentile"].number(),
          place["step_rounding"].parsed([](auto& t) { return parse_step_rounding(t); })};
}

LayerQuantization read_layer(const JsonPlace& place, const ConvolutionLayer& layer) {
  const auto format = [](const std::string& text) { return parse_operand_format(text); };
  const auto channels = static_cast<std::size_t>(layer.problem.output_channels);
  return {place["weights"]["format"].parsed(format),
          place["weights"]["steps"].reals(1, channels, true),
          place["activations"]["format"].parsed(format), place["activations"]["step"].real(true)};
}

CorrectionKind parse_kind(const std::string& text) {
  return parse_corrected_multiplier("+" + text).kind;
}

StoredCorrection read_correction(const JsonPlace& place, const Network& network) {
  StoredCorrection stored{
      place["multiplier"].text(), place["table_sha256"].text(), {CorrectionKind::none, {}}};
  stored.correction.kind = place["kind"].parsed(parse_kind);
  const JsonPlace layers = place["layers"];
  require_layers(layers, network);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const auto channels = static_cast<std::size_t>(network.layers()[i].problem.output_channels);
    stored.correction.layers.push_back({layers[i]["gain"].reals(channels, channels, false),
                                        layers[i]["offset"].reals(channels, channels, false)});
  }
  return stored;
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
  const JsonDocument document(path, "a calibration file");
  const JsonPlace root = document.root();
  root.require_schema(kSchema, kSchemaVersion);
  root["network"].require_text(network.name());
  root["inputs"]["weights"]["sha256"].require_text(weights_sha256);
  StoredCalibration stored;
  stored.calibration.images = static_cast<std::size_t>(root["images"].real(true));
  stored.calibration.scheme = read_scheme(root["scheme"]);
  const JsonPlace layers = root["layers"];
  require_layers(layers, network);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    stored.calibration.layers.push_back(read_layer(layers[i], network.layers()[i]));
  }
  const JsonPlace corrections = root["corrections"];
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
