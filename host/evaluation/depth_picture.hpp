// Depth maps as pictures.
#pragma once

#include <ATen/ATen.h>

#include "host/evaluation/depth_study.hpp"
#include "host/format/image.hpp"

namespace mbm {

// Depth maps side by side, each the size of the image: picture, ground truth, float, control,
// approximate, coloured from near (light) to far (dark blue) over the range of the ground truth;
// and the error |approximate - float| on a scale that ends (white) at a tenth of that range.
RgbImage depth_panel(const DepthPictures& pictures);

// A depth map, float32 metres (height, width), in millimetres.
Gray16Image depth_millimetres(const at::Tensor& depth);

}  // namespace mbm
