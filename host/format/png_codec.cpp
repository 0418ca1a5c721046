// libpng reports errors by longjmp. Every function here that calls setjmp therefore holds no local
// with a destructor; all memory belongs to the objects of its callers.
#include "host/format/png_codec.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr std::size_t kSignatureLength = 8;
constexpr png_uint_32 kLongestSide = 32768;
constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 26;

// What libpng's callbacks see.
struct Context {
  std::span<const std::uint8_t> input;
  std::vector<std::uint8_t>* output = nullptr;
  std::array<char, 200> reason = {};
};

void set_reason(Context& context, const char* reason) {
  std::snprintf(context.reason.data(), context.reason.size(), "%s", reason);
}

[[noreturn]] void on_error(png_structp png, png_const_charp reason) {
  set_reason(*static_cast<Context*>(png_get_error_ptr(png)), reason);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_input(png_structp png, png_bytep destination, std::size_t count) {
  Context& context = *static_cast<Context*>(png_get_io_ptr(png));
  if (count > context.input.size()) png_error(png, "the file ends early");
  std::memcpy(destination, context.input.data(), count);
  context.input = context.input.subspan(count);
}

void write_output(png_structp png, png_bytep source, std::size_t count) {
  Context& context = *static_cast<Context*>(png_get_io_ptr(png));
  bool enough_memory = true;
  try {
    context.output->insert(context.output->end(), source, source + count);
  } catch (const std::bad_alloc&) {  // must not pass through C
    enough_memory = false;
  }
  if (!enough_memory) png_error(png, "out of memory");
}

void flush_output(png_structp) {}

// What the file's header says, after the conversions asked of libpng.
struct Header {
  png_uint_32 height = 0;
  png_uint_32 width = 0;
  int bit_depth = 0;
  int color_type = 0;
};

class PngReader {
 public:
  PngReader(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) : path_(path) {
    context_.input = bytes;
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &context_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      fail(ErrorKind::internal, "libpng: out of memory");
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Header read_header() {
    if (!try_read_header()) fail_decoding();
    const Header header = current_header();
    if (std::uint64_t{header.height} * header.width > kMostPixels) {
      fail(ErrorKind::input, "{}: {} x {} pixels are more than the {} that are supported",
           path_.string(), header.width, header.height, kMostPixels);
    }
    return header;
  }

  void convert_to_rgb8() {
    if (!try_convert_to_rgb8()) fail_decoding();
  }

  void convert_to_host_order() {
    if (!try_convert_to_host_order()) fail_decoding();
  }

  // Each row has at least `row_bytes()` bytes.
  void read_rows(std::vector<png_bytep>& rows) {
    if (!try_read_rows(rows.data())) fail_decoding();
  }

  std::size_t row_bytes() const { return png_get_rowbytes(png_, info_); }

 private:
  Header current_header() const {
    return {png_get_image_height(png_, info_), png_get_image_width(png_, info_),
            png_get_bit_depth(png_, info_), png_get_color_type(png_, info_)};
  }

  bool try_read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, &context_, read_input);
    png_set_user_limits(png_, kLongestSide, kLongestSide);
    png_read_info(png_, info_);
    return true;
  }

  bool try_convert_to_rgb8() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool try_convert_to_host_order() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool try_read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  [[noreturn]] void fail_decoding() const {
    fail(ErrorKind::input, "{}: not a readable PNG: {}", path_.string(), context_.reason.data());
  }

  const std::filesystem::path& path_;
  Context context_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

class PngWriter {
 public:
  explicit PngWriter(const std::filesystem::path& path) : path_(path) {
    context_.output = &output_;
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &context_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      fail(ErrorKind::internal, "libpng: out of memory");
    }
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  std::vector<std::uint8_t> write(const Header& header, std::vector<png_bytep>& rows) {
    if (!try_write(header, rows.data())) {
      fail(ErrorKind::input, "cannot write {}: {}", path_.string(), context_.reason.data());
    }
    return std::move(output_);
  }

 private:
  bool try_write(const Header& header, png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_write_fn(png_, &context_, write_output, flush_output);
    png_set_IHDR(png_, info_, header.width, header.height, header.bit_depth, header.color_type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    if (header.bit_depth == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
    png_write_image(png_, rows);
    png_write_end(png_, nullptr);
    return true;
  }

  const std::filesystem::path& path_;
  Context context_;
  std::vector<std::uint8_t> output_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

const char* color_type_name(int color_type) {
  switch (color_type) {
    case PNG_COLOR_TYPE_GRAY:
      return "grey";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return "grey with transparency";
    case PNG_COLOR_TYPE_PALETTE:
      return "palette";
    case PNG_COLOR_TYPE_RGB:
      return "RGB";
    default:
      return "RGB with transparency";
  }
}

// Pointers to the rows of an image; libpng takes them without const even for writing.
template <typename Value>
std::vector<png_bytep> row_pointers(const std::vector<Value>& values, std::size_t height,
                                    std::size_t values_per_row, const std::filesystem::path& path) {
  if (height == 0 || values_per_row == 0 || values.size() != height * values_per_row) {
    fail(ErrorKind::internal, "{}: an image of {} rows of {} values has {} values", path.string(),
         height, values_per_row, values.size());
  }
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) {
    const Value* row = values.data() + y * values_per_row;
    rows[y] = const_cast<png_bytep>(reinterpret_cast<png_const_bytep>(row));
  }
  return rows;
}

}  // namespace

bool is_png(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kSignatureLength && png_sig_cmp(bytes.data(), 0, kSignatureLength) == 0;
}

RgbImage decode_rgb_png(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  PngReader reader(bytes, path);
  const Header header = reader.read_header();
  reader.convert_to_rgb8();
  RgbImage image{header.height, header.width, {}};
  if (reader.row_bytes() != image.width * 3) {
    fail(ErrorKind::internal, "{}: libpng gives rows of {} bytes, expected {}", path.string(),
         reader.row_bytes(), image.width * 3);
  }
  image.values.resize(image.height * image.width * 3);
  std::vector<png_bytep> rows = row_pointers(image.values, image.height, image.width * 3, path);
  reader.read_rows(rows);
  return image;
}

Gray16Image decode_gray16_png(std::span<const std::uint8_t> bytes,
                              const std::filesystem::path& path) {
  PngReader reader(bytes, path);
  const Header header = reader.read_header();
  if (header.bit_depth != 16 || header.color_type != PNG_COLOR_TYPE_GRAY) {
    fail(ErrorKind::input, "{}: a PNG of {} bits {}, expected 16 bits grey (millimetres)",
         path.string(), header.bit_depth, color_type_name(header.color_type));
  }
  reader.convert_to_host_order();
  Gray16Image image{header.height, header.width, {}};
  image.values.resize(image.height * image.width);
  std::vector<png_bytep> rows = row_pointers(image.values, image.height, image.width, path);
  reader.read_rows(rows);
  return image;
}

std::vector<std::uint8_t> encode_png(const RgbImage& image, const std::filesystem::path& path) {
  std::vector<png_bytep> rows = row_pointers(image.values, image.height, image.width * 3, path);
  const Header header{static_cast<png_uint_32>(image.height), static_cast<png_uint_32>(image.width),
                      8, PNG_COLOR_TYPE_RGB};
  return PngWriter(path).write(header, rows);
}

std::vector<std::uint8_t> encode_png(const Gray16Image& image, const std::filesystem::path& path) {
  std::vector<png_bytep> rows = row_pointers(image.values, image.height, image.width, path);
  const Header header{static_cast<png_uint_32>(image.height), static_cast<png_uint_32>(image.width),
                      16, PNG_COLOR_TYPE_GRAY};
  return PngWriter(path).write(header, rows);
}

}  // namespace mbm
