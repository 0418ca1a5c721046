// Depth images as FastDepth reads them.
#pragma once

#include <memory>

#include "host/dataset/depth_dataset.hpp"

namespace mbm {

// Pictures and depth maps of `dataset` (480 x 640) as FastDepth's own evaluation prepares them: to
// 250 rows, the middle 228 x 304 pixels, to 224 x 224; pictures bilinearly with a filter against
// aliasing, depth maps by their nearest pixels. The whole map counts. Throws Error(input) on
// loading a picture or a map that is not 480 x 640.
std::unique_ptr<DepthDataset> make_fastdepth_view(std::unique_ptr<DepthDataset> dataset);

}  // namespace mbm
