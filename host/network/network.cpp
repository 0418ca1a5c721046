#include "host/network/network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cmodel/common/error.hpp"
#include "host/network/densedepth_densenet161.hpp"
#include "host/network/densedepth_mobilenetv2.hpp"
#include "host/network/fastdepth.hpp"
#include "host/network/lenet5.hpp"
#include "host/text/suggestion.hpp"

namespace mbm {
namespace {

void check_scaling(const std::string& network, const std::vector<float>& values,
                   std::int64_t channels, bool positive) {
  const auto count = static_cast<std::int64_t>(values.size());
  const bool fits = count == 0 || count == 1 || count == channels;
  const bool valid = std::all_of(values.begin(), values.end(), [&](float value) {
    return std::isfinite(value) && (!positive || value > 0.0F);
  });
  if (fits && valid) return;
  fail(ErrorKind::usage, "network {}: {} [{}] of the input found, 1 or {} {} expected", network,
       positive ? "deviation" : "mean", fmt::join(values, ", "), channels,
       positive ? "positive numbers" : "numbers");
}

}  // namespace

Network::Network(std::string name, Graph graph, Prediction prediction, InputScaling scaling)
    : name_(std::move(name)),
      graph_(std::move(graph)),
      prediction_(prediction),
      scaling_(std::move(scaling)) {
  check_scaling(name_, scaling_.mean, input_channels(), false);
  check_scaling(name_, scaling_.deviation, input_channels(), true);
}

at::Tensor Network::scale_input(const at::Tensor& images) const {
  at::Tensor scaled = images.to(at::kFloat) / 255.0F;
  const auto per_channel = [](const std::vector<float>& values) {
    return at::tensor(values, at::kFloat).view({1, -1, 1, 1});
  };
  if (!scaling_.mean.empty()) scaled = scaled - per_channel(scaling_.mean);
  if (!scaling_.deviation.empty()) scaled = scaled / per_channel(scaling_.deviation);
  return scaled;
}

std::size_t Network::layer_index(std::string_view name) const {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < layers().size(); ++i) {
    if (layers()[i].name == name) return i;
    known.push_back(layers()[i].name);
  }
  fail(ErrorKind::usage, "network {}: no layer '{}'; did you mean '{}'?", name_, name,
       nearest_name(name, known));
}

at::Tensor Network::forward(const at::Tensor& images, const Convolve& convolve) const {
  if (images.dim() != 4 || images.size(1) != input_channels() || images.size(2) != input_height() ||
      images.size(3) != input_width()) {
    fail(ErrorKind::usage, "network {}: input of shape [{}] found, [batch, {}, {}, {}] expected",
         name_, fmt::join(images.sizes().begin(), images.sizes().end(), ", "), input_channels(),
         input_height(), input_width());
  }
  return graph_.run(images, convolve);
}

const std::vector<std::string>& network_names() {
  static const std::vector<std::string> names = {"densedepth-mobilenetv2",
                                                 "densedepth-mobilenetv2-small",
                                                 "densedepth-densenet161", "fastdepth", "lenet5"};
  return names;
}

std::unique_ptr<const Network> make_network(std::string_view name) {
  if (name == "densedepth-mobilenetv2") {
    return make_densedepth_mobilenetv2(std::string(name), kDenseDepthMobileNetV2Full, 480, 640);
  }
  if (name == "densedepth-mobilenetv2-small") {
    return make_densedepth_mobilenetv2(std::string(name), kDenseDepthMobileNetV2Small, 240, 320);
  }
  if (name == "densedepth-densenet161") {
    return make_densedepth_densenet161(std::string(name), kDenseDepthDenseNet161, 480, 640);
  }
  if (name == "fastdepth") return make_fastdepth();
  if (name == "lenet5") return make_lenet5();
  fail(ErrorKind::usage, "unknown network '{}'; expected one of: {}", name,
       fmt::join(network_names(), ", "));
}

}  // namespace mbm
