#include "host/cli/platform_network.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cmodel/network/integer_subnetwork.hpp"
#include "host/cli/study_options.hpp"
#include "host/network/integer_compiler.hpp"
#include "host/network/network_source.hpp"
#include "host/network/onnx_import.hpp"

namespace mbm {

IntegerNetwork platform_network(const std::string& name, const std::string& layers,
                                std::uint64_t seed) {
  const std::unique_ptr<const Network> network =
      is_onnx_path(name) ? std::move(read_onnx_network(name, {}).network) : make_network(name);
  const std::vector<std::size_t> chosen = parse_layers(*network, layers);
  const auto parameters = seeded_parameters(*network, seed);
  const std::vector<TensorRange> ranges(network->graph().nodes().size(), {-1.0F, 1.0F});
  QuantizationScheme scheme;
  scheme.operands = OperandScheme::int8;
  const IntegerQuantization quantization = choose_integer_quantization(
      *network, parameters, ranges, scheme, RequantizationRounding::nearest);
  std::vector<std::size_t> following;
  for (std::size_t i = *std::ranges::min_element(chosen); i < network->layers().size(); ++i) {
    following.push_back(i);
  }
  const IntegerNetwork whole =
      compile_integer_network(*network, parameters, quantization, following).network;
  std::set<std::string> names;
  for (const std::size_t layer : chosen) names.insert(network->layers()[layer].name);
  return extract_subnetwork(whole, nodes_between(whole, names)).network;
}

}  // namespace mbm
