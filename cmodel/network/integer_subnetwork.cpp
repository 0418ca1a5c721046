#include "cmodel/network/integer_subnetwork.hpp"

#include <algorithm>
#include <map>

namespace mbm {
namespace {

bool is_convolution(const IntegerNode& node) {
  return std::holds_alternative<IntegerConvolution>(node.operation);
}

}  // namespace

IntegerSubnetwork extract_subnetwork(const IntegerNetwork& whole,
                                     std::span<const std::size_t> nodes) {
  IntegerSubnetwork part;
  std::map<std::size_t, std::size_t> places;  // of the whole's tensors in the part
  const auto place = [&](std::size_t tensor) {
    const auto [found, is_new] = places.try_emplace(tensor, part.tensors.size());
    if (is_new) {
      part.tensors.push_back(tensor);
      part.network.tensors.push_back(whole.tensors[tensor]);
    }
    return found->second;
  };
  for (const std::size_t index : nodes) {
    IntegerNode node = whole.nodes[index];
    for (std::size_t& input : node.inputs) {
      const bool is_given = !places.contains(input);
      input = place(input);
      if (is_given) part.network.inputs.push_back(input);
    }
    node.output = place(node.output);
    part.network.output = node.output;
    part.network.nodes.push_back(std::move(node));
    part.nodes.push_back(index);
  }
  return part;
}

std::vector<std::size_t> nodes_between(const IntegerNetwork& network,
                                       const std::vector<bool>& is_chosen) {
  const std::size_t count = network.nodes.size();
  // By tensor: whether a chosen convolution is before it, and whether only such ones come after.
  std::vector<bool> follows(network.tensors.size(), false);
  std::vector<bool> leads(network.tensors.size(), false);
  std::vector<bool> is_used(network.tensors.size(), false);
  std::vector<bool> reached(count);
  for (std::size_t i = 0; i < count; ++i) {
    const IntegerNode& node = network.nodes[i];
    reached[i] = is_convolution(node)
                     ? is_chosen[i]
                     : std::any_of(node.inputs.begin(), node.inputs.end(),
                                   [&](std::size_t input) { return follows[input]; });
    follows[node.output] = reached[i];
  }
  std::vector<std::size_t> nodes;
  for (std::size_t i = count; i-- > 0;) {
    const IntegerNode& node = network.nodes[i];
    const bool wanted = is_convolution(node)
                            ? is_chosen[i]
                            : reached[i] && (leads[node.output] || !is_used[node.output]);
    for (const std::size_t input : node.inputs) {
      is_used[input] = true;
      if (wanted) leads[input] = true;
    }
    if (wanted) nodes.push_back(i);
  }
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

std::vector<std::size_t> nodes_between(const IntegerNetwork& network,
                                       const std::set<std::string>& chosen) {
  std::vector<bool> is_chosen;
  for (const IntegerNode& node : network.nodes) is_chosen.push_back(chosen.contains(node.name));
  return nodes_between(network, is_chosen);
}

}  // namespace mbm
