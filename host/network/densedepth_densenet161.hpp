// DenseDepth with a DenseNet-161 encoder (Huang et al., CVPR 2017), the depth study's large
// network: images / 255 in, DepthNorm = 10 / depth in metres out at half the size.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "host/network/network.hpp"

namespace mbm {

// Channels and depth of an encoder and its decoder. Layer names do not depend on the channels.
struct DenseDepthDenseNetWidths {
  std::int64_t stem;               // output channels of conv0
  std::int64_t growth;             // channels that a dense layer adds
  std::array<int, 4> layers;       // of the four dense blocks
  std::int64_t bottleneck_factor;  // channels of conv1 of a dense layer, in growths
  double decoder_share;            // conv2's output channels as a share of its input's
};

// torchvision's densenet161 and the study's decoder.
inline constexpr DenseDepthDenseNetWidths kDenseDepthDenseNet161{96, 48, {6, 12, 36, 24}, 4, 0.5};

// Layers are called as torchvision calls the encoder's ("denseblock1.denselayer1.conv1"),
// parameters have "encoder.original_model.features." and "decoder." before the name. A checkpoint
// may have the batch normalisations unfolded. norm1 of a dense layer and norm of a transition stand
// before their ReLU, so that no convolution absorbs them: they are layers that compute a
// normalisation.
//
// `input_height` and `input_width` are multiples of 32.
std::unique_ptr<const Network> make_densedepth_densenet161(std::string name,
                                                           const DenseDepthDenseNetWidths& widths,
                                                           std::int64_t input_height,
                                                           std::int64_t input_width);

}  // namespace mbm
