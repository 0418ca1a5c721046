// From a graph, its parameters and the steps of its tensors to a network in integers.
#pragma once

#include <vector>

#include "cmodel/network/integer_network.hpp"
#include "host/network/integer_quantization.hpp"
#include "host/network/layer_parameters.hpp"
#include "host/network/network.hpp"

namespace mbm {

struct CompiledNetwork {
  IntegerNetwork network;
  std::vector<NodeIndex> inputs;  // nodes of the graph whose tensors the integer network is given
};

// Compiles what follows the chosen `layers` up to the network's output; the tensors that enter it
// from layers that are not chosen are its inputs. Convolutions and additions are computed together
// with the activation behind them; parts of a concatenation whose step is another are rescaled; a
// softmax at the output, which changes no order of scores, is left out.
//
// Throws Error(usage) that names the node for an operation without integer form, for a layer behind
// a chosen one that is not chosen, and for a bias or a scale that the requantiser cannot hold.
CompiledNetwork compile_integer_network(const Network& network,
                                        const std::vector<LayerParameters>& parameters,
                                        const IntegerQuantization& quantization,
                                        const std::vector<std::size_t>& layers);

}  // namespace mbm
