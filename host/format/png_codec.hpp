// libpng behind an interface without longjmp. Used by image.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "host/format/image.hpp"

namespace mbm {

bool is_png(std::span<const std::uint8_t> bytes);

// `path` is for messages only.
RgbImage decode_rgb_png(std::span<const std::uint8_t> bytes, const std::filesystem::path& path);
Gray16Image decode_gray16_png(std::span<const std::uint8_t> bytes,
                              const std::filesystem::path& path);

std::vector<std::uint8_t> encode_png(const RgbImage& image, const std::filesystem::path& path);
std::vector<std::uint8_t> encode_png(const Gray16Image& image, const std::filesystem::path& path);

}  // namespace mbm
