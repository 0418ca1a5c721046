#include "host/network/network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmodel/common/error.hpp"
#include "host/network/densedepth_mobilenetv2.hpp"
#include "host/text/suggestion.hpp"

namespace mbm {
namespace {

constexpr double kLeakyReluSlope = 0.2;

at::Tensor activate(const at::Tensor& input, Activation activation) {
  switch (activation) {
    case Activation::relu6:
      return at::hardtanh(input, 0, 6);
    case Activation::leaky_relu:
      return at::leaky_relu(input, kLeakyReluSlope);
    case Activation::none:
      break;
  }
  return input;
}

}  // namespace

std::size_t Network::layer_index(std::string_view name) const {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].name == name) return i;
    known.push_back(layers_[i].name);
  }
  fail(ErrorKind::usage, "network {}: no layer '{}'; did you mean '{}'?", name_, name,
       nearest_name(name, known));
}

at::Tensor Network::forward(const at::Tensor& images, const Convolve& convolve) const {
  if (images.dim() != 4 || images.size(1) != 3 || images.size(2) != input_height_ ||
      images.size(3) != input_width_) {
    fail(ErrorKind::usage, "network {}: input of shape [{}] found, [batch, 3, {}, {}] expected",
         name_, fmt::join(images.sizes().begin(), images.sizes().end(), ", "), input_height_,
         input_width_);
  }
  return compute(images, convolve);
}

at::Tensor Network::convolve_and_activate(std::size_t index, const at::Tensor& input,
                                          const Convolve& convolve) const {
  return activate(convolve(index, input), layers_[index].activation);
}

const std::vector<std::string>& network_names() {
  static const std::vector<std::string> names = {"densedepth-mobilenetv2",
                                                 "densedepth-mobilenetv2-small"};
  return names;
}

std::unique_ptr<const Network> make_network(std::string_view name) {
  if (name == "densedepth-mobilenetv2") {
    return make_densedepth_mobilenetv2(std::string(name), kDenseDepthMobileNetV2Full, 480, 640);
  }
  if (name == "densedepth-mobilenetv2-small") {
    return make_densedepth_mobilenetv2(std::string(name), kDenseDepthMobileNetV2Small, 240, 320);
  }
  fail(ErrorKind::usage, "unknown network '{}'; expected one of: {}", name,
       fmt::join(network_names(), ", "));
}

}  // namespace mbm
