// Energies against areas as a picture.
#pragma once

#include <string>

#include "host/cost/cost_report.hpp"

namespace mbm {

// SVG: area to the right, energy of an operation (with glitches) upwards, a series for each kind of
// operands; the designs that no other one beats in both on the last operands are joined and named.
std::string energy_chart(const EnergyReport& report);

}  // namespace mbm
