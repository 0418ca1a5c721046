// Renders a scene: a picture and, for every pixel centre, the exact depth.
#pragma once

#include <cstdint>
#include <vector>

#include "host/rooms/scene.hpp"

namespace mbm::rooms {

struct RoomImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // rows of pixels of 3 bytes, gamma 2
  std::vector<std::uint16_t>
      depth;  // rows, millimetres along the optical axis at pixel centres, rounded
};

// Depth along the optical axis at the centre of every pixel, in metres, row by row.
std::vector<double> render_depth(const Scene& scene);

// Depth over a grid of pixel centres, every `step` pixels both ways, in metres.
struct DepthRange {
  double nearest = 0;
  double farthest = 0;
  double mean = 0;
};
DepthRange depth_range(const Scene& scene, int step);

// The picture has 2 x 2 rays a pixel. Lighting: point lights with shadows, ambient light darkened
// towards corners and under furniture. The same scene gives the same bytes on every machine.
RoomImage render(const Scene& scene);

}  // namespace mbm::rooms
