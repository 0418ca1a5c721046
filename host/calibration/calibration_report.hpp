// What a calibration does to a network: how much is clipped and how many of the codes are used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/calibration/calibration.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

// Codes that occur, among those that the format has.
struct CodeUsage {
  OperandFormat format = OperandFormat::sign_magnitude8;
  std::int64_t values = 0;
  std::int64_t clipped = 0;
  int used_levels = 0;

  int levels() const { return largest_code(format) - smallest_code(format) + 1; }
  double clipped_share() const {
    return values == 0 ? 0.0 : static_cast<double>(clipped) / static_cast<double>(values);
  }
};

struct LayerUsage {
  std::string layer;
  CodeUsage weights;
  float smallest_weight_step = 0.0F;
  float largest_weight_step = 0.0F;
  CodeUsage activations;  // on the images of the measurement
  float activation_step = 0.0F;
};

// Runs the float network over `count` images and quantises every layer's input.
std::vector<LayerUsage> measure_usage(const Network& network,
                                      const std::vector<LayerParameters>& parameters,
                                      const Calibration& calibration, std::size_t count,
                                      const ImageSource& image);

// For a terminal, a row a layer.
std::string usage_table(const std::vector<LayerUsage>& layers);

nlohmann::json usage_json(const std::vector<LayerUsage>& layers);

}  // namespace mbm
