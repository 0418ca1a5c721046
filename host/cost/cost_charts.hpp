// Results of `mbm cost` as pictures: each is made from the result's JSON, so that a report shows
// what the command wrote. What is not in the document throws nlohmann::json::exception.
#pragma once

#include <nlohmann/json.hpp>

#include "host/plot/chart.hpp"

namespace mbm {

// mbm.cost-energy: area to the right, energy of an operation (with glitches) upwards, a series for
// each kind of operands; the designs that no other one beats in both on the last operands are
// joined and named.
Chart energy_chart(const nlohmann::json& result);

// mbm.cost-comparison: loss upwards, energy or area to the right; exact and approximate designs,
// those of the Pareto set in loss and this cost joined and named.
enum class ComparedCost : std::uint8_t { energy, area };
Chart comparison_chart(const nlohmann::json& result, ComparedCost cost);

// mbm.cost-area of several mappings (`mbm cost timing`): period to the right, area upwards.
Chart timing_chart(const nlohmann::json& result);

// mbm.cost-network: energy of each layer's convolution, the seven components that take most on top
// of one another, the others in one.
Chart network_energy_chart(const nlohmann::json& result);

}  // namespace mbm
