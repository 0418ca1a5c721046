#pragma once

#include <filesystem>
#include <memory>

#include "host/dataset/depth_dataset.hpp"

namespace mbm {

// The folder layout of open_depth_dataset.
std::unique_ptr<DepthDataset> open_depth_folder(const std::filesystem::path& path);

}  // namespace mbm
