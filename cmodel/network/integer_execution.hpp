// Runs integer networks. With the ReferenceEngine this is the definition; any other engine gives
// the same codes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "cmodel/convolution/convolution_engine.hpp"
#include "cmodel/network/integer_network.hpp"

namespace mbm {

// Codes of the layout (batch, channels, height, width).
using Codes = std::vector<std::int16_t>;

// The output's codes for `batch` images whose input codes are `inputs`, in the network's order of
// inputs. Products are those of `table`. `show`, if given, is called with every node and its
// output. Throws Error(usage) if the network is invalid, or if a count or a code of the inputs does
// not fit its tensor.
Codes run_integer_network(const IntegerNetwork& network, const std::vector<Codes>& inputs,
                          std::int64_t batch, const ProductTable& table, ConvolutionEngine& engine,
                          const std::function<void(std::size_t node, const Codes&)>& show = {});

// --- The operations one by one; `maps` is batch times channels, `in` and `out` give the size.

struct MapSize {
  std::int64_t height = 1;
  std::int64_t width = 1;
};

Codes max_pool(const Codes& input, std::int64_t maps, MapSize in, const IntegerMaxPool& pool);
Codes average_pool(const Codes& input, std::int64_t maps, MapSize in,
                   const IntegerAveragePool& pool);
Codes upsample_nearest(const Codes& input, std::int64_t maps, MapSize in, MapSize out);
Codes upsample_bilinear(const Codes& input, std::int64_t maps, MapSize in, MapSize out);

}  // namespace mbm
