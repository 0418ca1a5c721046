// libjpeg behind an interface without longjmp. Used by image.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "host/format/image.hpp"

namespace mbm {

bool is_jpeg(std::span<const std::uint8_t> bytes);

// `path` is for messages only.
RgbImage decode_jpeg(std::span<const std::uint8_t> bytes, const std::filesystem::path& path);

}  // namespace mbm
