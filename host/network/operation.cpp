#include "host/network/operation.hpp"

#include <fmt/format.h>

#include <array>

namespace mbm {

std::string FeatureShape::description() const {
  return fmt::format("{}x{}x{}", channels, height, width);
}

std::string operation_name(const Operation& operation) {
  static constexpr std::array kNames{
      "input",        "convolution", "clip", "leaky-relu",   "sigmoid", "softmax",       "max-pool",
      "average-pool", "resize",      "pad",  "insert-zeros", "add",     "concatenation", "flatten"};
  static_assert(kNames.size() == std::variant_size_v<Operation>);
  return kNames.at(operation.index());
}

}  // namespace mbm
