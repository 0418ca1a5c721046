#include "host/result/search_result.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cmodel/common/version.hpp"

namespace mbm {
namespace {

std::string counts_text(const SearchStudy& study, const SearchPoint& point) {
  std::string text;
  for (std::size_t c = 0; c < study.problem.candidates.size(); ++c) {
    const auto layers = std::count(point.assignment.begin(), point.assignment.end(), c);
    if (layers > 0) text += fmt::format("  {} x {}", layers, study.problem.candidates[c].name);
  }
  return text;
}

nlohmann::json point_json(const SearchStudy& study, const SearchPoint& point) {
  nlohmann::json layers;
  for (std::size_t i = 0; i < point.assignment.size(); ++i) {
    layers[study.layer_names[i]] = study.problem.candidates[point.assignment[i]].name;
  }
  return {{"energy_of_bits", point.cost}, {"loss_percent", point.loss}, {"layers", layers}};
}

}  // namespace

std::string search_table(const SearchStudy& study) {
  std::string text = fmt::format(
      "{}: {} layers, {} images; loss is the largest change of a metric against float\n\n{:<14}",
      study.network, study.layer_names.size(), study.images, "loss alone, %");
  for (const SearchCandidate& candidate : study.problem.candidates) {
    text += fmt::format(" {:>18}", candidate.name);
  }
  text += study.result.found ? "  chosen\n" : "\n";
  for (std::size_t i = 0; i < study.layer_names.size(); ++i) {
    text += fmt::format("{:<14}", study.layer_names[i]);
    for (const double loss : study.problem.sensitivity[i]) text += fmt::format(" {:>18.3f}", loss);
    if (study.result.found) {
      text += "  " + study.problem.candidates[study.result.best.assignment[i]].name;
    }
    text += "\n";
  }
  text += fmt::format("\nPareto set of {} assignments\n{:>18} {:>9}\n", study.result.evaluations,
                      "E_w (bit ops)", "loss %");
  for (const SearchPoint& point : study.result.pareto) {
    const bool best = study.result.found && point.assignment == study.result.best.assignment;
    text += fmt::format("{:>18} {:>9.3f}{}{}\n", point.cost, point.loss, counts_text(study, point),
                        best ? "  <- chosen" : "");
  }
  return text;
}

nlohmann::json search_json(const SearchStudy& study) {
  nlohmann::json object = study.configuration;
  object["schema"] = kSearchSchema;
  object["schema_version"] = kSearchSchemaVersion;
  object["tool_version"] = MBM_VERSION;
  object["numerics_version"] = kNumericsVersion;
  object["units"] = {{"energy_of_bits", "bit operations an image"},
                     {"loss_percent", "largest change of a metric against float, %"}};
  object["images"] = study.images;
  object["evaluations"] = study.result.evaluations;
  for (std::size_t i = 0; i < study.layer_names.size(); ++i) {
    nlohmann::json losses;
    for (std::size_t c = 0; c < study.problem.candidates.size(); ++c) {
      losses[study.problem.candidates[c].name] = study.problem.sensitivity[i][c];
    }
    object["sensitivity_percent"][study.layer_names[i]] = losses;
  }
  if (study.result.found) object["chosen"] = point_json(study, study.result.best);
  for (const SearchPoint& point : study.result.pareto) {
    object["pareto"].push_back(point_json(study, point));
  }
  return object;
}

}  // namespace mbm
