#include "host/platform/platform_energy.hpp"

#include <fmt/format.h>

#include <cmath>

#include "host/cost/event_names.hpp"
#include "host/format/json_document.hpp"
#include "host/format/sha256.hpp"

namespace mbm {
namespace {

double energy_at(const JsonPlace& place) {
  const double value = place.number();
  if (!std::isfinite(value) || value < 0) place.expected("an energy that is not negative");
  return value;
}

double positive_at(const JsonPlace& place) {
  const double value = place.number();
  if (!std::isfinite(value) || value <= 0) place.expected("a positive number");
  return value;
}

// What an event takes beyond another one: its parts may be less than those of the other.
double difference_at(const JsonPlace& place) {
  const double value = place.number();
  if (!std::isfinite(value)) place.expected("a finite number");
  return value;
}

EnergyBreakdown breakdown_at(const JsonPlace& place, double (*part_at)(const JsonPlace&)) {
  EnergyBreakdown energy;
  for (const auto& [name, part] : kBreakdownNames) energy.*part = part_at(place[name]);
  return energy;
}

}  // namespace

EventEnergies ComponentCosts::events_of(const AcceleratorParameters& other,
                                        std::int64_t landing_beats) const {
  const auto elements = [](const AcceleratorParameters& p) {
    return static_cast<double>(p.rows * p.columns);
  };
  EventEnergies result = events;
  set_memory_energies(result, accelerator_memories(other, landing_beats), process);
  result.clock_tree_cycle *= elements(other) / elements(parameters);
  result.bus_beat *=
      static_cast<double>(other.bus_bytes) / static_cast<double>(parameters.bus_bytes);
  return result;
}

ComponentCosts read_component_costs(const std::filesystem::path& path) {
  const JsonDocument document(path, "a result of mbm cost components");
  const JsonPlace root = document.root();
  root.require_schema("mbm.cost-components", 1);
  ComponentCosts costs;
  costs.description = fmt::format("{} in {}, {:.3f} ns", root["element"].text(),
                                  root["library"]["name"].text(), positive_at(root["period"]));
  costs.digest = sha256_of_file(path);
  const JsonPlace grid = root["grid"];
  for (const auto& [name, value] : kGridNames) {
    costs.parameters.*value = static_cast<std::int64_t>(positive_at(grid[name]));
  }
  costs.process = {.feature_nm = positive_at(root["process"]["feature"]),
                   .voltage = positive_at(root["process"]["voltage"])};
  const JsonPlace events = root["events"];
  for (const auto& [name, event] : kElementEventNames) {
    const bool is_difference = event == &EventEnergies::loaded_element;
    costs.events.*event = breakdown_at(events[name], is_difference ? difference_at : energy_at);
  }
  for (const auto& [name, event] : kEventNames) costs.events.*event = energy_at(events[name]);
  return costs;
}

}  // namespace mbm
