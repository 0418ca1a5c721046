// Whole integer networks as one program: every tensor has a place in memory, every node its
// commands, layer after layer without software in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmodel/array/convolution_plan.hpp"
#include "cmodel/array/driver.hpp"
#include "cmodel/multiplier/product_table.hpp"
#include "cmodel/network/integer_network.hpp"

namespace mbm {

// The commands of a node.
struct LoweredNode {
  std::string name;
  std::size_t first_command = 0;
  std::size_t end_command = 0;
  std::int64_t products = 0;  // of a convolution, as ConvolutionProblem::product_count
  std::optional<ConvolutionPlan> plan;
};

struct LoweredNetwork {
  AcceleratorProgram program;
  std::vector<LoweredNode> nodes;
  std::vector<TensorView> tensors;  // by tensor of the network
};

// Lowers `network` for the accelerator. Products are those of `table`, which says whether columns
// and groups may be packed; for a grid of kind `lut` the program begins by loading it. Tensors that
// are concatenated lie in the concatenation; nothing is copied unless a tensor is in two of them.
// An average pool whose channels differ in scale or bias becomes a convolution with a weight whose
// products are exact; where the table has none it is refused, as is a rescaling of this kind.
//
// Throws Error(usage) that names the layer, what does not fit, its size and the limit.
LoweredNetwork lower_network(const IntegerNetwork& network, const AcceleratorParameters& parameters,
                             const ProductTable& table);

// A network of one convolution; batch 1.
IntegerNetwork convolution_network(const std::string& name, const ConvolutionProblem& problem,
                                   std::vector<std::int16_t> weights, Requantization requantization,
                                   CodeFormat input_format = CodeFormat::sign_magnitude8,
                                   CodeFormat output_format = CodeFormat::sign_magnitude8);

// Runs `images` images through a loaded program: inputs and result as in run_integer_network.
std::vector<std::int16_t> run_on_device(AcceleratorDriver& driver, const LoweredNetwork& network,
                                        const std::vector<std::vector<std::int16_t>>& inputs,
                                        std::int64_t images);

}  // namespace mbm
