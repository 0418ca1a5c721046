#include "host/calibration/calibration.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"
#include "cmodel/quantization/quantization.hpp"

namespace mbm {

Calibration calibrate_max_abs(const Network& network,
                              const std::vector<LayerParameters>& parameters, std::size_t count,
                              const std::function<at::Tensor(std::size_t)>& image) {
  if (count == 0) fail(ErrorKind::usage, "calibration: 0 images found, at least 1 expected");
  Calibration calibration{count, std::vector<float>(network.layers().size(), 0.0F)};
  for (std::size_t i = 0; i < count; ++i) {
    network.forward(image(i), [&](std::size_t index, const at::Tensor& input) {
      float& maximum = calibration.activation_maximum[index];
      const at::Tensor contiguous = input.contiguous();
      maximum = std::max(
          maximum, maximum_magnitude(
                       {contiguous.data_ptr<float>(), static_cast<std::size_t>(contiguous.numel())},
                       "activations of layer " + network.layers()[index].name));
      return convolve_float(network.layers()[index], parameters[index], input);
    });
  }
  return calibration;
}

}  // namespace mbm
