#pragma once

#include <filesystem>
#include <memory>

#include "host/dataset/depth_dataset.hpp"

namespace mbm {

// DenseDepth's nyu_test.zip: eigen_test_rgb.npy (N x H x W x 3 uint8), eigen_test_depth.npy
// (N x H x W, float, metres) and eigen_test_crop.npy (top, bottom, left, right, ends included), in
// any folder of the archive. The arrays have hundreds of megabytes and are read as streams: going
// forward reads each member once, going back starts it anew.
std::unique_ptr<DepthDataset> open_dense_depth_zip(const std::filesystem::path& path);

}  // namespace mbm
