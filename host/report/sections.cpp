#include "host/report/sections.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

using nlohmann::json;

struct Section {
  const char* schema;
  const char* title;
  void (*add)(Page&, const ResultInput&);
};

constexpr std::array kSections{
    Section{"mbm.depth-study", "Accuracy", add_depth_study},
    Section{"mbm.decomposition", "Decomposition of the error", add_decomposition},
    Section{"mbm.compatibility", "The published study taken apart", add_compatibility},
    Section{"mbm.search", "Search for a multiplier per layer", add_search},
    Section{"mbm.network-run", "Accuracy", add_network_run},
    Section{"mbm.simulation", "On the accelerator", add_simulation},
    Section{"mbm.platform", "On a platform", add_platform},
    Section{"mbm.platform-sweep", "Platforms", add_platform_sweep},
    Section{"mbm.width-sweep", "Width of the accumulators", add_width_sweep},
    Section{"mbm.cost-area", "Area and clock", add_cost_area},
    Section{"mbm.cost-energy", "Energy of an operation", add_cost_energy},
    Section{"mbm.cost-components", "What the accelerator is made of", add_cost_components},
    Section{"mbm.cost-network", "Energy of a network", add_cost_network},
    Section{"mbm.cost-comparison", "Accuracy against cost", add_cost_comparison},
};

void append_option(std::string& command, const std::string& option, const std::string& value) {
  if (!value.empty()) command += fmt::format(" {} {}", option, value);
}

std::string text_of(const json& object, const char* key) {
  if (!object.contains(key)) return "";
  const json& value = object.at(key);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const json& part : value) {
      parts.push_back(part.is_string() ? part.get<std::string>() : part.dump());
    }
    return fmt::format("{}", fmt::join(parts, ","));
  }
  return value.dump();
}

std::string input_name(const json& result, const char* input) {
  if (!result.contains("inputs") || !result.at("inputs").contains(input)) return "";
  const json& entry = result.at("inputs").at(input);
  for (const char* key : {"file", "folder"}) {
    if (entry.is_object() && entry.contains(key)) return text_of(entry, key);
  }
  return "";
}

// The command that makes the result, from what it says of its configuration; empty if it does not
// say.
std::string command_of(const json& result) {
  if (result.contains("command")) return text_of(result, "command");
  if (!result.contains("verb")) return "";
  std::string command = "mbm " + text_of(result, "verb");
  append_option(command, "--network", text_of(result, "network"));
  append_option(command, "--weights", input_name(result, "weights"));
  append_option(command, "--data", input_name(result, "data"));
  append_option(command, "--calibration-data", input_name(result, "calibration_data"));
  append_option(command, "--calibration", input_name(result, "calibration"));
  if (result.contains("calibration")) {
    const json& calibration = result.at("calibration");
    append_option(command, "--operand-format", text_of(calibration, "operands"));
    append_option(command, "--weight-scales", text_of(calibration, "weight_scales"));
    append_option(command, "--activation-range", text_of(calibration, "activation_range"));
    append_option(command, "--calibration-images", text_of(calibration, "images"));
  }
  append_option(command, "--assignment", input_name(result, "assignment"));
  append_option(command, "--candidates", text_of(result, "candidates"));
  append_option(command, "--budget", text_of(result, "budget_percent"));
  const std::string layers = text_of(result, "layers_chosen");
  const bool layers_are_text = result.contains("layers") && result.at("layers").is_string();
  append_option(command, "--layers",
                layers.empty() && layers_are_text ? text_of(result, "layers") : layers);
  if (result.contains("multipliers") && !result.contains("candidates")) {
    std::vector<std::string> names;
    for (const json& entry : result.at("multipliers")) names.push_back(text_of(entry, "name"));
    append_option(command, "--multiplier", fmt::format("{}", fmt::join(names, ",")));
  }
  append_option(command, "--cell", text_of(result, "cell"));
  append_option(command, "--device", text_of(result, "device"));
  append_option(command, "--multiplier", text_of(result, "multiplier"));
  if (result.contains("images_range")) {
    const json& range = result.at("images_range");
    append_option(command, "--images",
                  fmt::format("{}:{}", range.at(0).dump(), range.at(1).dump()));
  }
  return command;
}

void add_sources(Page& page, const json& result) {
  if (!result.contains("inputs")) return;
  PageTable table{{"input", "name", "SHA-256"}, {}, 3};
  for (const auto& [input, entry] : result.at("inputs").items()) {
    if (!entry.is_object()) continue;
    table.rows.push_back({input, input_name(result, input.c_str()), text_of(entry, "sha256")});
  }
  page.table(table, "Inputs", true);
}

}  // namespace

std::string rounded(const json& value, int digits, double scale) {
  return fmt::format("{:.{}f}", value.get<double>() * scale, digits);
}

void add_section(Page& page, const ResultInput& input) {
  for (const Section& section : kSections) {
    if (input.schema != section.schema) continue;
    try {
      const std::string network = text_of(input.result, "network");
      page.heading(fmt::format("{}: {}{}{}", section.title, network, network.empty() ? "" : ", ",
                               input.title));
      const std::string command = command_of(input.result);
      if (!command.empty()) page.command(command);
      section.add(page, input);
      add_sources(page, input.result);
    } catch (const json::exception& error) {
      fail(ErrorKind::input, "{}: not what schema {} says: {}", input.name, input.schema,
           error.what());
    }
    return;
  }
  std::vector<std::string> known;
  for (const Section& section : kSections) known.emplace_back(section.schema);
  fail(ErrorKind::input, "{}: schema: \"{}\" found, one of {} expected", input.name, input.schema,
       fmt::join(known, ", "));
}

}  // namespace mbm
