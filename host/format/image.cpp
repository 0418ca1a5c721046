#include "host/format/image.hpp"

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/input_file.hpp"
#include "host/format/jpeg_codec.hpp"
#include "host/format/png_codec.hpp"

namespace mbm {

RgbImage read_rgb_image(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  if (is_png(bytes)) return decode_rgb_png(bytes, path);
  if (is_jpeg(bytes)) return decode_jpeg(bytes, path);
  fail(ErrorKind::input, "{}: neither a PNG nor a JPEG ({} bytes)", path.string(), bytes.size());
}

Gray16Image read_depth_image(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  if (is_png(bytes)) return decode_gray16_png(bytes, path);
  fail(ErrorKind::input, "{}: {}, expected a PNG of 16 bits grey (millimetres)", path.string(),
       is_jpeg(bytes) ? "a JPEG" : "not a PNG");
}

void write_rgb_png(const std::filesystem::path& path, const RgbImage& image) {
  write_file(path, encode_png(image, path));
}

void write_gray16_png(const std::filesystem::path& path, const Gray16Image& image) {
  write_file(path, encode_png(image, path));
}

}  // namespace mbm
