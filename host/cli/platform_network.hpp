// Networks of which only the time counts: no images, no scales, no weights of their own.
#pragma once

#include <cstdint>
#include <string>

#include "cmodel/network/integer_network.hpp"

namespace mbm {

// The layers `layers` ("all", "decoder", names) of a built-in or ONNX network with what lies
// between them (nodes_between() of cmodel/network/integer_subnetwork.hpp), with seeded parameters
// and int8 operands whose range is assumed to be -1..1. Cycles do not depend on any of it, but for
// cells of kind `lut`, where magnitudes count.
IntegerNetwork platform_network(const std::string& network, const std::string& layers,
                                std::uint64_t seed);

}  // namespace mbm
