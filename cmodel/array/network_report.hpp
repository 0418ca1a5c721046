// What a network costs on the array, layer by layer.
#pragma once

#include <vector>

#include "cmodel/array/cycle_model.hpp"
#include "cmodel/array/layer_cost.hpp"
#include "cmodel/array/network_lowering.hpp"

namespace mbm {

// The layers of `network`, whose cycles `report` predicted or a device counted. A cycle belongs to
// the layer whose compute command has not entered its last position.
std::vector<LayerCost> layer_costs(const LoweredNetwork& network, const CycleReport& report);

}  // namespace mbm
