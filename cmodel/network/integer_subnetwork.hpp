// Parts of an integer network.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cmodel/network/integer_network.hpp"

namespace mbm {

struct IntegerSubnetwork {
  IntegerNetwork network;
  std::vector<std::size_t> tensors;  // of the whole network, by tensor of the part
  std::vector<std::size_t> nodes;    // of the whole network, by node of the part
};

// The nodes `nodes` (ascending, at least one) of `whole` with the tensors that they touch: those
// that none of them computes are inputs, the output is that of the last one.
IntegerSubnetwork extract_subnetwork(const IntegerNetwork& whole,
                                     std::span<const std::size_t> nodes);

// The nodes that a device computes for the chosen convolutions (`is_chosen` by node): these, what
// lies between two of them without another convolution, and what only follows them.
std::vector<std::size_t> nodes_between(const IntegerNetwork& network,
                                       const std::vector<bool>& is_chosen);
// The same for the convolutions with these names.
std::vector<std::size_t> nodes_between(const IntegerNetwork& network,
                                       const std::set<std::string>& chosen);

}  // namespace mbm
