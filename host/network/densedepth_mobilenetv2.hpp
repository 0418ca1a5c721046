// DenseDepth with a MobileNetV2 encoder, as the depth study used it: images / 255 in, DepthNorm =
// 10 / depth in metres out at half the size.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "host/network/network.hpp"

namespace mbm {

// Channel counts. Layer names do not depend on them.
struct DenseDepthMobileNetV2Widths {
  std::int64_t stem;
  std::array<std::int64_t, 7> stages;  // output channels of the seven groups of inverted residuals
  std::int64_t bottleneck;             // output channels of the encoder's last convolution
  std::int64_t decoder_features;       // output channels of decoder.conv2
};

// The study's widths: encoder 1.0, decoder 0.4.
inline constexpr DenseDepthMobileNetV2Widths kDenseDepthMobileNetV2Full{
    32, {16, 24, 32, 64, 96, 160, 320}, 1280, 512};

// The embedded network's widths.
inline constexpr DenseDepthMobileNetV2Widths kDenseDepthMobileNetV2Small{
    16, {8, 12, 16, 24, 32, 56, 112}, 256, 128};

// `input_height` and `input_width` are even.
std::unique_ptr<const Network> make_densedepth_mobilenetv2(
    std::string name, const DenseDepthMobileNetV2Widths& widths, std::int64_t input_height,
    std::int64_t input_width);

}  // namespace mbm
