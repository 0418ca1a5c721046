// A baseline JPEG of a picture, for tests.
#pragma once

#include <cstdio>
// jpeglib.h needs the one above.
#include <jpeglib.h>

#include <cstdlib>
#include <string>

#include "host/format/image.hpp"

namespace mbm::test {

inline std::string make_jpeg(const RgbImage& image) {
  jpeg_compress_struct encoder = {};
  jpeg_error_mgr errors = {};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &bytes, &size);
  encoder.image_height = static_cast<JDIMENSION>(image.height);
  encoder.image_width = static_cast<JDIMENSION>(image.width);
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 95, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  for (std::size_t y = 0; y < image.height; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(image.values.data() + y * image.width * 3);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  std::string text(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return text;
}

}  // namespace mbm::test
