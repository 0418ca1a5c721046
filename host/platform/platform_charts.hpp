// Results of platforms as pictures: each is made from the result's JSON, so that a report shows
// what the command wrote. What is not in the document throws nlohmann::json::exception.
#pragma once

#include <nlohmann/json.hpp>

#include "host/plot/chart.hpp"

namespace mbm {

// mbm.platform: layers under the roof of one array and the memory.
Chart platform_roofline(const nlohmann::json& result);

// mbm.platform-sweep: products a byte against products a cycle.
Chart sweep_roofline(const nlohmann::json& result);
// Bits of memory on the chip against cycles an image, and what nothing else beats in both.
Chart sweep_pareto(const nlohmann::json& result);
// Cycles an image against its energy, of a sweep with costs.
Chart sweep_energy(const nlohmann::json& result);
bool has_energy(const nlohmann::json& sweep);

}  // namespace mbm
