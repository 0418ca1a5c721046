#include "host/evaluation/depth_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace mbm {
namespace {

using Color = std::array<float, 3>;

// Near to far, even steps; lightness falls throughout, so that the order survives without colour.
constexpr std::array<Color, 5> kDepthRamp{
    {{255, 250, 205}, {253, 174, 97}, {215, 74, 93}, {104, 45, 128}, {18, 15, 60}}};
constexpr std::array<Color, 3> kErrorRamp{{{0, 0, 0}, {190, 50, 40}, {255, 255, 255}}};

// Colour at `position` in 0..1 of a ramp.
template <std::size_t Count>
std::array<std::uint8_t, 3> ramp_color(const std::array<Color, Count>& ramp, float position) {
  const float scaled = std::clamp(position, 0.0F, 1.0F) * static_cast<float>(Count - 1);
  const auto below = std::min(static_cast<std::size_t>(scaled), Count - 2);
  const float weight = scaled - static_cast<float>(below);
  std::array<std::uint8_t, 3> color{};
  for (std::size_t c = 0; c < color.size(); ++c) {
    color[c] = static_cast<std::uint8_t>(
        std::lround(ramp[below][c] * (1.0F - weight) + ramp[below + 1][c] * weight));
  }
  return color;
}

using ColorOf = std::function<std::array<std::uint8_t, 3>(std::size_t pixel)>;

// Paints column `panel` of a row of panels.
void paint(RgbImage& image, std::size_t panel, std::size_t panel_width, const ColorOf& color_of) {
  for (std::size_t y = 0; y < image.height; ++y) {
    for (std::size_t x = 0; x < panel_width; ++x) {
      const auto color = color_of(y * panel_width + x);
      const std::size_t at = (y * image.width + panel * panel_width + x) * 3;
      std::copy(color.begin(), color.end(), image.values.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

}  // namespace

DepthScale depth_scale(const DepthPictures& pictures) {
  const auto nearest = pictures.truth.min().item<float>();
  const float range = std::max(pictures.truth.max().item<float>() - nearest, 0.1F);
  return {nearest, nearest + range, 0.1F * range};
}

RgbImage depth_panel(const DepthPictures& pictures) {
  constexpr std::size_t kPanels = 6;
  const auto height = static_cast<std::size_t>(pictures.truth.size(0));
  const auto width = static_cast<std::size_t>(pictures.truth.size(1));
  RgbImage image{height, width * kPanels, std::vector<std::uint8_t>(height * width * kPanels * 3)};

  const at::Tensor rgb = pictures.rgb.contiguous();
  const std::uint8_t* planes = rgb.data_ptr<std::uint8_t>();
  const std::size_t plane = height * width;
  paint(image, 0, width, [&](std::size_t pixel) {
    return std::array<std::uint8_t, 3>{planes[pixel], planes[plane + pixel],
                                       planes[2 * plane + pixel]};
  });

  const DepthScale scale = depth_scale(pictures);
  std::size_t panel = 1;
  for (const at::Tensor& map :
       {pictures.truth, pictures.exact_float, pictures.control, pictures.approximate}) {
    const at::Tensor contiguous = map.contiguous();
    const float* depth = contiguous.data_ptr<float>();
    paint(image, panel++, width, [&](std::size_t pixel) {
      return ramp_color(kDepthRamp,
                        (depth[pixel] - scale.nearest) / (scale.farthest - scale.nearest));
    });
  }
  const at::Tensor error = at::abs(pictures.approximate - pictures.exact_float).contiguous();
  const float* deviation = error.data_ptr<float>();
  paint(image, panel, width, [&](std::size_t pixel) {
    return ramp_color(kErrorRamp, deviation[pixel] / scale.largest_error);
  });
  return image;
}

RgbImage difference_panel(const std::vector<at::Tensor>& maps, float largest) {
  const auto height = static_cast<std::size_t>(maps.front().size(0));
  const auto width = static_cast<std::size_t>(maps.front().size(1));
  RgbImage image{height, width * maps.size(),
                 std::vector<std::uint8_t>(height * width * maps.size() * 3)};
  const at::Tensor first = maps.front().contiguous();
  const auto nearest = first.min().item<float>();
  const float range = std::max(first.max().item<float>() - nearest, 0.1F);
  paint(image, 0, width, [&, depth = first.data_ptr<float>()](std::size_t pixel) {
    return ramp_color(kDepthRamp, (depth[pixel] - nearest) / range);
  });
  for (std::size_t i = 1; i < maps.size(); ++i) {
    const at::Tensor change = at::abs(maps[i] - maps[i - 1]).contiguous();
    paint(image, i, width, [&, values = change.data_ptr<float>()](std::size_t pixel) {
      return ramp_color(kErrorRamp, values[pixel] / largest);
    });
  }
  return image;
}

Gray16Image depth_millimetres(const at::Tensor& depth) {
  const at::Tensor contiguous = depth.contiguous();
  const float* metres = contiguous.data_ptr<float>();
  Gray16Image image{static_cast<std::size_t>(depth.size(0)),
                    static_cast<std::size_t>(depth.size(1)),
                    std::vector<std::uint16_t>(static_cast<std::size_t>(depth.numel()))};
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    image.values[i] = static_cast<std::uint16_t>(std::lround(metres[i] * 1000.0F));
  }
  return image;
}

}  // namespace mbm
