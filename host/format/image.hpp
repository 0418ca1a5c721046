// Pictures: 8-bit RGB from PNG or JPEG, 16-bit grey PNG for depth maps, and writing of both as PNG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace mbm {

// 8-bit RGB, rows from top to bottom: value (y, x, channel) is at (y * width + x) * 3 + channel.
struct RgbImage {
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<std::uint8_t> values;
};

// 16-bit grey, rows from top to bottom: value (y, x) is at y * width + x.
struct Gray16Image {
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<std::uint16_t> values;
};

// Reads a PNG or JPEG, recognised by its content. Grey and palette pictures become RGB, 16 bits per
// channel are cut to 8, transparency is dropped; no gamma or colour profile is applied. A truncated
// or corrupt file is Error(input) with the decoder's reason, never a partly grey picture.
RgbImage read_rgb_image(const std::filesystem::path& path);

// Reads a 16-bit single-channel PNG; anything else is Error(input) saying what was found.
Gray16Image read_depth_image(const std::filesystem::path& path);

// Both write whole files or none (AtomicFile). `values` must hold height * width (* 3) entries.
void write_rgb_png(const std::filesystem::path& path, const RgbImage& image);
void write_gray16_png(const std::filesystem::path& path, const Gray16Image& image);

}  // namespace mbm
