// libjpeg reports errors by a callback that must not return. It jumps back to a function that holds
// no local with a destructor; all memory belongs to the objects of its callers.
#include "host/format/jpeg_codec.hpp"

#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jerror.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 26;

struct ErrorManager {
  jpeg_error_mgr base = {};  // first, so that libjpeg's pointer to it is a pointer to the whole
  std::jmp_buf jump = {};
  std::array<char, JMSG_LENGTH_MAX> reason = {};
};

[[noreturn]] void on_error(j_common_ptr decoder) {
  ErrorManager& manager = *reinterpret_cast<ErrorManager*>(decoder->err);
  manager.base.format_message(decoder, manager.reason.data());
  std::longjmp(manager.jump, 1);
}

// libjpeg only warns of a truncated file and fills the rest with grey. Here a warning is an error,
// but for those that leave the picture right.
void on_message(j_common_ptr decoder, int level) {
  if (level >= 0) return;  // a trace
  switch (decoder->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
      return;
    default:
      on_error(decoder);
  }
}

class JpegReader {
 public:
  JpegReader(std::span<const std::uint8_t> bytes, const std::filesystem::path& path)
      : bytes_(bytes), path_(path) {
    decoder_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = on_error;
    errors_.base.emit_message = on_message;
    if (!try_create()) fail(ErrorKind::internal, "libjpeg: {}", errors_.reason.data());
  }
  ~JpegReader() { jpeg_destroy_decompress(&decoder_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  RgbImage read() {
    if (!try_read_header()) fail_decoding();
    RgbImage image{decoder_.image_height, decoder_.image_width, {}};
    if (std::uint64_t{image.height} * image.width > kMostPixels) {
      fail(ErrorKind::input, "{}: {} x {} pixels are more than the {} that are supported",
           path_.string(), image.width, image.height, kMostPixels);
    }
    image.values.resize(image.height * image.width * 3);
    if (!try_read_rows(image.values.data())) fail_decoding();
    return image;
  }

 private:
  bool try_create() {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_create_decompress(&decoder_);
    return true;
  }

  bool try_read_header() {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_mem_src(&decoder_, bytes_.data(), bytes_.size());
    jpeg_read_header(&decoder_, TRUE);
    return true;
  }

  bool try_read_rows(JSAMPLE* values) {
    if (setjmp(errors_.jump) != 0) return false;
    decoder_.out_color_space = JCS_RGB;
    jpeg_start_decompress(&decoder_);
    while (decoder_.output_scanline < decoder_.output_height) {
      JSAMPROW row = values + std::size_t{decoder_.output_scanline} * decoder_.output_width * 3;
      jpeg_read_scanlines(&decoder_, &row, 1);
    }
    jpeg_finish_decompress(&decoder_);
    return true;
  }

  [[noreturn]] void fail_decoding() const {
    fail(ErrorKind::input, "{}: not a readable JPEG: {}", path_.string(), errors_.reason.data());
  }

  std::span<const std::uint8_t> bytes_;
  const std::filesystem::path& path_;
  ErrorManager errors_;
  jpeg_decompress_struct decoder_ = {};
};

}  // namespace

bool is_jpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

RgbImage decode_jpeg(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  return JpegReader(bytes, path).read();
}

}  // namespace mbm
