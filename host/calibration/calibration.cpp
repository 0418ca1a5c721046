#include "host/calibration/calibration.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {

Calibration calibrate_max_abs(const Network& network,
                              const std::vector<LayerParameters>& parameters, std::size_t count,
                              const std::function<at::Tensor(std::size_t)>& image) {
  if (count == 0) fail(ErrorKind::usage, "calibration: 0 images found, at least 1 expected");
  Calibration calibration{count, std::vector<float>(network.layers().size(), 0.0F)};
  for (std::size_t i = 0; i < count; ++i) {
    network.forward(image(i), [&](std::size_t index, const at::Tensor& input) {
      float& maximum = calibration.activation_maximum[index];
      maximum = std::max(maximum, at::abs(input).max().item<float>());
      return convolve_float(network.layers()[index], parameters[index], input);
    });
  }
  return calibration;
}

}  // namespace mbm
