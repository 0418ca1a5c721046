// LeNet-5 (LeCun et al., Proc. IEEE 1998) as it is built today: 6-16-120-84-10, ReLU, max-pooling.
#pragma once

#include <memory>

#include "host/network/network.hpp"

namespace mbm {

// Digits of 28x28 pixels, (x / 255 - 0.1307) / 0.3081, padded to 32x32 by its first layer. Layers
// C1, C3, C5, F6 and Output; the parameters' prefixes are body.conv1, body.conv2 and head.fc1 to
// head.fc3, fully connected ones of shape (outputs, inputs) or as convolutions.
std::unique_ptr<const Network> make_lenet5();

}  // namespace mbm
