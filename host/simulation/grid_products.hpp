// Which multipliers a grid can have.
#pragma once

#include <string>

#include "cmodel/array/accelerator_parameters.hpp"

namespace mbm {

// Gives the grid of `parameters`, whose kind is set, the products of `multiplier`; empty: exact
// ones for the kind `exact`, else those of mbm. Returns the multiplier's name. Throws Error(usage)
// if there is no such grid: the kind `log` has those of kLogProductNames, `lut` any.
std::string set_products(AcceleratorParameters& parameters, const std::string& multiplier);

}  // namespace mbm
