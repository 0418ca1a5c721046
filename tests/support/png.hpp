// A PNG put together from zlib alone, so that libpng is not compared with itself.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>

namespace mbm::test {

inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((value >> shift) & 0xff);
  return bytes;
}

inline std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string covered = type + data;
  const auto* bytes = reinterpret_cast<const Bytef*>(covered.data());
  const auto crc = static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(covered.size())));
  return big_endian(static_cast<std::uint32_t>(data.size())) + covered + big_endian(crc);
}

// `rows` holds, for every row, the filter byte 0 and the row's bytes. Colour types of the PNG
// specification: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
inline std::string make_png(std::uint32_t width, std::uint32_t height, int bit_depth,
                            int color_type, const std::string& rows,
                            const std::string& palette = "") {
  std::string packed(compressBound(static_cast<uLong>(rows.size())), '\0');
  uLongf size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  const std::string header = big_endian(width) + big_endian(height) + static_cast<char>(bit_depth) +
                             static_cast<char>(color_type) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) +
         (palette.empty() ? "" : png_chunk("PLTE", palette)) + png_chunk("IDAT", packed) +
         png_chunk("IEND", "");
}

}  // namespace mbm::test
