#include "host/dataset/depth_tensor.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "cmodel/common/error.hpp"

namespace mbm {

at::Tensor planes_of_interleaved(std::span<const std::uint8_t> values, std::int64_t height,
                                 std::int64_t width) {
  if (static_cast<std::int64_t>(values.size()) != height * width * 3) {
    fail(ErrorKind::internal, "a picture of {} x {} x 3 has {} bytes", height, width,
         values.size());
  }
  const std::size_t pixels = values.size() / 3;
  at::Tensor planes = at::empty({3, height, width}, at::kByte);
  std::uint8_t* plane = planes.data_ptr<std::uint8_t>();
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      plane[channel * pixels + pixel] = values[pixel * 3 + channel];
    }
  }
  return planes;
}

void check_depth(const at::Tensor& depth, std::string_view where) {
  const std::span values(depth.data_ptr<float>(), static_cast<std::size_t>(depth.numel()));
  bool measured = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]) || values[i] < 0) {
      const auto width = static_cast<std::size_t>(depth.size(-1));
      fail(ErrorKind::input, "{}: depth {} m at y {}, x {}, expected a finite value from 0", where,
           values[i], i / width, i % width);
    }
    measured = measured || values[i] > 0;
  }
  if (!measured) {
    fail(ErrorKind::input, "{}: the depth map is zero everywhere, expected measured depth", where);
  }
}

}  // namespace mbm
