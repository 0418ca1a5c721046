#include "host/result/network_result.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "cmodel/common/version.hpp"

namespace mbm {
namespace {

using nlohmann::json;

// How many operations of each kind an integer network has, by name.
std::map<std::string, std::size_t> operations_of(const IntegerNetwork& network) {
  std::map<std::string, std::size_t> counts;
  for (const IntegerNode& node : network.nodes) {
    ++counts[std::string(integer_operation_name(node.operation))];
  }
  return counts;
}

std::string unit_of(const std::string& score) {
  return score == "rms" ? "rms (m)" : score;
}

std::string scores_row(const std::string& label, const Scores& scores) {
  std::string row = fmt::format("{:<26}", label);
  for (const double value : scores) row += fmt::format(" {:>8.4f}", value);
  return row + "\n";
}

std::size_t image_count(const NetworkResult& result) {
  return result.is_seeded ? 1 : result.images.size();
}

OperationCounts total_operations(const NetworkResult& result) {
  OperationCounts total;
  for (const NetworkResult::Layer& layer : result.layers) {
    const OperationCounts operations = count_operations(layer.problem);
    total.products += operations.products;
    total.additions += operations.additions;
  }
  return total;
}

std::string layer_rows(const NetworkResult& result) {
  std::string text =
      fmt::format("{:<34} {:>15} {:>18}  {}\n", "layer", "products", "E_w (bit ops)", "shape");
  for (const NetworkResult::Layer& layer : result.layers) {
    const OperationCounts operations = count_operations(layer.problem);
    text += fmt::format("{:<34} {:>15} {:>18}  {}\n", layer.name, operations.products,
                        energy_of_bits(operations, result.widths), layer.problem.description());
  }
  const OperationCounts total = total_operations(result);
  return text + fmt::format("{:<34} {:>15} {:>18}\n\n", "total", total.products,
                            energy_of_bits(total, result.widths));
}

// One line a digit.
std::string worst_table(const NetworkResult& result) {
  std::string text =
      fmt::format("worst images with {}\n{:>8} {:>6} {:>10} {:>11}\n", result.columns.back().name,
                  "image", "label", "prediction", "confidence");
  for (const WorstDigit& digit : result.worst) {
    text += fmt::format("{:>8} {:>6} {:>10} {:>11.4f}\n", digit.image, digit.answer.label,
                        digit.answer.predicted, digit.answer.confidence);
  }
  return text;
}

json worst_json(const NetworkResult& result) {
  json list = json::array();
  for (const WorstDigit& digit : result.worst) {
    list.push_back({{"image", digit.image},
                    {"label", digit.answer.label},
                    {"prediction", digit.answer.predicted},
                    {"confidence", digit.answer.confidence}});
  }
  return list;
}

json scores_json(const NetworkResult& result, const Scores& scores) {
  json object = json::object();
  for (std::size_t i = 0; i < scores.size(); ++i) object[result.score_names[i]] = scores[i];
  return object;
}

}  // namespace

std::string network_table(const NetworkResult& result) {
  std::string text = layer_rows(result);
  text += fmt::format(
      "{}: {} of {} convolutions {}, {} images\n", result.network, result.layers.size(),
      result.network_layers,
      result.is_integer ? "in integers from layer to layer" : "quantised, float between them",
      image_count(result));
  if (result.integer_network != nullptr) {
    std::vector<std::string> counts;
    for (const auto& [name, count] : operations_of(*result.integer_network)) {
      counts.push_back(fmt::format("{} {}", count, name));
    }
    text += fmt::format("integer operations: {}\n", fmt::join(counts, ", "));
  }
  if (result.is_seeded) {
    text += fmt::format(
        "the parameters are random (seed {}): speed, cycles and energy only, no accuracy\n",
        result.configuration.at("seed").get<std::uint64_t>());
  }
  text += fmt::format("\n{:<26}", "");
  for (const std::string& name : result.score_names) text += fmt::format(" {:>8}", unit_of(name));
  text += fmt::format("\n");
  for (const NetworkColumn& column : result.columns) {
    const std::string label = column.name == "exact" ? "exact products (control)" : column.name;
    if (result.is_seeded) {
      text += fmt::format("{:<26} {:>8.3f} s an image\n", label,
                          column.seconds / static_cast<double>(image_count(result)));
      continue;
    }
    text += scores_row(label, column.mean());
    text += scores_row("  standard error", column.standard_error());
  }
  for (const NetworkColumn& column : result.columns) {
    if (!column.answers.empty()) text += "\n" + confusion_table(column.name, column.answers);
  }
  return result.worst.empty() ? text : text + "\n" + worst_table(result);
}

json network_json(const NetworkResult& result) {
  json object = result.configuration;
  object["schema"] = "mbm.network-run";
  object["schema_version"] = 1;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["parameters_are_random"] = result.is_seeded;
  object["units"] = {{"accuracy", "share of images"},
                     {"a1", "share of pixels"},
                     {"a2", "share of pixels"},
                     {"a3", "share of pixels"},
                     {"rel", "ratio"},
                     {"rms", "m"},
                     {"log10", "log10 of a ratio"},
                     {"seconds_an_image", "s"},
                     {"products", "operations an image"},
                     {"energy_of_bits", "bit operations an image"}};
  const OperationCounts total = total_operations(result);
  object["products"] = total.products;
  object["energy_of_bits"] = energy_of_bits(total, result.widths);
  object["quantized_layers"] = json::array();
  for (const NetworkResult::Layer& layer : result.layers) {
    const OperationCounts operations = count_operations(layer.problem);
    object["quantized_layers"].push_back(
        {{"name", layer.name},
         {"problem", layer.problem.description()},
         {"products", operations.products},
         {"energy_of_bits", energy_of_bits(operations, result.widths)}});
  }
  if (result.integer_network != nullptr) {
    object["integer_operations"] = operations_of(*result.integer_network);
  }
  object["columns"] = json::array();
  for (const NetworkColumn& column : result.columns) {
    object["columns"].push_back(
        {{"products_of", column.name},
         {"mean", scores_json(result, column.mean())},
         {"standard_error", scores_json(result, column.standard_error())},
         {"seconds_an_image", column.seconds / static_cast<double>(image_count(result))}});
    if (!column.answers.empty()) {
      object["columns"].back()["confusion"] = confusion_matrix(column.answers);
    }
  }
  if (!result.worst.empty()) object["worst"] = worst_json(result);
  object["images"] = json::array();
  for (std::size_t i = 0; i < result.images.size(); ++i) {
    json image = {{"image", result.images[i]}};
    for (const NetworkColumn& column : result.columns) {
      image[column.name] = scores_json(result, column.images[i]);
    }
    object["images"].push_back(std::move(image));
  }
  return object;
}

std::string network_csv(const NetworkResult& result) {
  std::string text = "products of,images";
  for (const std::string& name : result.score_names) text += "," + unit_of(name);
  for (const std::string& name : result.score_names)
    text += "," + unit_of(name) + " standard error";
  text += ",seconds an image (s)\n";
  for (const NetworkColumn& column : result.columns) {
    text += fmt::format("{},{}", column.name, image_count(result));
    for (const double value : column.mean()) text += fmt::format(",{}", value);
    for (const double value : column.standard_error()) text += fmt::format(",{}", value);
    text += fmt::format(",{}\n", column.seconds / static_cast<double>(image_count(result)));
  }
  return text;
}

}  // namespace mbm
