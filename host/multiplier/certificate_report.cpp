#include <fmt/format.h>

#include "cmodel/common/version.hpp"
#include "host/multiplier/certificate.hpp"

namespace mbm {
namespace {

std::string no_answer(const Certificate& entry) {
  return fmt::format("no answer after {} s", entry.seconds_allowed);
}

// Of the bound, in a table.
std::string result_of(const Certificate& entry) {
  return entry.proved ? "proved" : no_answer(entry);
}

// "192 * 192 = 34048", or why there is none.
std::string counterexample_text(const Certificate& entry) {
  const auto& found = entry.counterexample;
  if (found) return fmt::format("{} * {} = {}", found->a, found->b, found->product);
  return entry.proved ? "none: exact" : "";
}

}  // namespace

std::string certificate_text(const std::vector<Certificate>& certificates) {
  std::string text;
  for (const Certificate& entry : certificates) {
    text += fmt::format("{}: |product - a b| <= {} {}; ", entry.multiplier, entry.worst_case,
                        entry.proved ? "proved" : "not proved: " + no_answer(entry));
    if (entry.counterexample) {
      text += fmt::format("not <= {}: {}; ", entry.worst_case - 1, counterexample_text(entry));
    }
    text += fmt::format("{}; {}, {:.1f} s\n", entry.circuit, entry.solver, entry.seconds);
  }
  return text;
}

std::string certificate_markdown(const std::vector<Certificate>& certificates) {
  std::string text =
      "| multiplier | circuit | worst case | result | counterexample to one less | solver | time s "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const Certificate& entry : certificates) {
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {:.1f} |\n", entry.multiplier,
                        entry.circuit, entry.worst_case, result_of(entry),
                        counterexample_text(entry), entry.solver, entry.seconds);
  }
  return text;
}

std::string certificate_csv(const std::vector<Certificate>& certificates) {
  std::string text =
      "multiplier,circuit,worst case (product units),result,counterexample a,counterexample b,"
      "counterexample product,solver,time (s)\n";
  for (const Certificate& entry : certificates) {
    const auto& found = entry.counterexample;
    text += fmt::format("{},{},{},{},{},\"{}\",{}\n", entry.multiplier, entry.circuit,
                        entry.worst_case, result_of(entry),
                        found ? fmt::format("{},{},{}", found->a, found->b, found->product) : ",,",
                        entry.solver, entry.seconds);
  }
  return text;
}

nlohmann::json certificate_json(const std::vector<Certificate>& certificates,
                                const nlohmann::json& inputs) {
  nlohmann::json list = nlohmann::json::array();
  for (const Certificate& entry : certificates) {
    nlohmann::json counterexample;  // null if there is none
    if (const auto& found = entry.counterexample) {
      counterexample = {{"a", found->a}, {"b", found->b}, {"product", found->product}};
    }
    list.push_back({{"multiplier", entry.multiplier},
                    {"circuit", entry.circuit},
                    {"worst_case", entry.worst_case},
                    {"proved", entry.proved},
                    {"seconds_allowed", entry.seconds_allowed},
                    {"counterexample", counterexample},
                    {"solver", entry.solver},
                    {"time", entry.seconds}});
  }
  return {{"schema", "mbm.multiplier-proof"},
          {"schema_version", 2},
          {"tool_version", MBM_VERSION},
          {"numerics_version", kNumericsVersion},
          {"seed", 0},
          {"inputs", inputs},
          {"units", {{"worst_case", "product units"}, {"seconds_allowed", "s"}, {"time", "s"}}},
          {"proofs", list}};
}

}  // namespace mbm
