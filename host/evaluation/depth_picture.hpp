// Depth maps as pictures.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "host/evaluation/depth_study.hpp"
#include "host/format/image.hpp"

namespace mbm {

// What the colours of a panel mean, in metres.
struct DepthScale {
  float nearest;        // of the ground truth: the lightest colour of the depth maps
  float farthest;       // the darkest
  float largest_error;  // white of the error map: a tenth of that range
};
DepthScale depth_scale(const DepthPictures& pictures);

// Depth maps side by side, each the size of the image: picture, ground truth, float, control,
// approximate, coloured from near (light) to far (dark blue) over the range of the ground truth;
// and the error |approximate - float|; colours as depth_scale() says.
RgbImage depth_panel(const DepthPictures& pictures);

// Depth maps, float32 metres (height, width), as heat maps side by side: the first map from near
// (light) to far (dark blue), then for each further one its difference from the map before it,
// black to white at `largest` metres.
RgbImage difference_panel(const std::vector<at::Tensor>& maps, float largest);

// A depth map, float32 metres (height, width), in millimetres.
Gray16Image depth_millimetres(const at::Tensor& depth);

}  // namespace mbm
