// FastDepth (Wofk et al., ICRA 2019): mobilenet-nnconv5dw-skipadd, pruned, as its public integer
// conversion has it.
#pragma once

#include <memory>

#include "host/network/network.hpp"

namespace mbm {

// Images of 224x224 divided by 255 in, depth in metres of 224x224 out. The layers are conv0,
// convN.depthwise and convN.pointwise (N = 1..13), decode_convN.depthwise and .pointwise (1..5),
// decode_conv6; the parameters' prefixes are opNN, NN the operator's place in the conversion.
std::unique_ptr<const Network> make_fastdepth();

}  // namespace mbm
