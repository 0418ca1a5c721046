// What the depth study printed: its per-layer results on five images with MBM in one convolution of
// DenseDepth with a MobileNetV2 encoder, and the scales of its source where they are known.
// Source: the public repository bALAJi-aDItHYa/MBM_implementation (thesis, TU Dresden, 2021), its
// reports and screenshots.
#pragma once

#include <array>
#include <string_view>

#include "host/evaluation/depth_metrics.hpp"

namespace mbm {

struct PublishedLayer {
  std::string_view name;
  DepthMetrics metrics{};     // its final run, mean of five images
  int weight_factor = 0;      // the literals that weights and activations were multiplied with
  int activation_factor = 0;  // before rounding; 0: not known
  bool divided_in_integers = false;  // computed by the C++ path, which truncated every output
};

// What it took for the result of the float network: four images, summed up and divided by five.
inline constexpr DepthMetrics kPublishedBaseline{.4966, .6818, .7342, .1964, .5382, .0953};

// 14 layers of the decoder, 52 of the encoder.
const std::array<PublishedLayer, 66>& published_layers();

// The row of a layer, or nothing if the study has none of that name.
const PublishedLayer* find_published_layer(std::string_view name);

}  // namespace mbm
