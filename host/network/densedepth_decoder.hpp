// The decoder that all networks of the depth study share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/network/graph.hpp"

namespace mbm {

// A tensor of the encoder that the decoder concatenates, and the output channels of the block that
// does.
struct DecoderBlock {
  std::string name;  // "up0"
  NodeIndex skip;
  std::int64_t output_channels;
};

struct DecoderShape {
  NodeIndex bottom;                  // input of conv2
  std::int64_t bottleneck_channels;  // output of conv2
  std::int64_t bottleneck_padding;   // of the 1x1 convolution conv2
  std::vector<DecoderBlock> blocks;
};

// Appends conv2, the blocks and conv3. A block interpolates bilinearly (corners aligned) to the
// skip's size, concatenates, and twice convolves 3x3 and applies LeakyReLU 0.2. Layers are called
// conv2, NAME.convA, NAME.convB, conv3, their parameters the same behind "decoder.".
void append_densedepth_decoder(Graph& graph, const DecoderShape& shape);

}  // namespace mbm
