#include "host/dataset/digits.hpp"

#include <ATen/ATen.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/digits/digit_drawing.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/byte_source.hpp"
#include "host/format/tensor_bytes.hpp"

namespace mbm {
namespace {

constexpr int kUnsignedByte = 8;  // IDX's code of the element type
constexpr std::int64_t kLargestDigit = 9;

// A gzip file unpacked, or a plain file as it is.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(const std::filesystem::path& path) : path_(path) {
    const InputFile readable(path);  // for its messages about missing files and folders
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_) fail(ErrorKind::input, "cannot open {}", path.string());
  }

  std::size_t read(std::span<std::uint8_t> bytes) override {
    constexpr std::size_t kLargestRead = 1U << 30;
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto wanted = static_cast<unsigned>(std::min(bytes.size() - done, kLargestRead));
      const int count = gzread(file_.get(), bytes.data() + done, wanted);
      if (count < 0) fail_reading();
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    // A truncated stream ends like a whole one, with only the error code telling.
    int code = Z_OK;
    if (done < bytes.size()) gzerror(file_.get(), &code);
    if (code != Z_OK) fail_reading();
    return done;
  }

 private:
  struct Closer {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };

  [[noreturn]] void fail_reading() const {
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    fail(ErrorKind::input, "{}: damaged or truncated gzip data: {}", path_.string(), reason);
  }

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Closer> file_;
};

std::int64_t read_big_endian(ByteSource& source, const std::string& where) {
  std::array<std::uint8_t, 4> bytes = {};
  read_exactly(source, bytes, where, "the header");
  return std::int64_t{bytes[0]} << 24 | std::int64_t{bytes[1]} << 16 | std::int64_t{bytes[2]} << 8 |
         std::int64_t{bytes[3]};
}

std::filesystem::path find_file(const std::filesystem::path& folder, const std::string& name) {
  for (const char* suffix : {"", ".gz"}) {
    const std::filesystem::path path = folder / (name + suffix);
    if (std::error_code error; std::filesystem::exists(path, error)) return path;
  }
  fail(ErrorKind::input, "cannot open {}: neither it nor {}.gz exists", (folder / name).string(),
       name);
}

std::string prefix_of(DigitsPart part) {
  return part == DigitsPart::training ? "train" : "t10k";
}

// An IDX file of unsigned bytes with this shape.
std::string idx_bytes(const at::Tensor& values) {
  std::string bytes{'\0', '\0', static_cast<char>(kUnsignedByte), static_cast<char>(values.dim())};
  for (const std::int64_t size : values.sizes()) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 255);
  }
  const at::Tensor contiguous = values.contiguous();
  bytes.append(reinterpret_cast<const char*>(contiguous.data_ptr<std::uint8_t>()),
               static_cast<std::size_t>(contiguous.numel()));
  return bytes;
}

// Without name and time, so that the same content is the same file.
std::string gzipped(const std::string& content) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemoryLevel = 9;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    fail(ErrorKind::internal, "zlib cannot begin to compress");
  }
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<unsigned>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  const int code = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) fail(ErrorKind::internal, "zlib cannot compress ({})", code);
  return packed;
}

}  // namespace

Digits drawn_digits(std::size_t count, std::uint64_t first_seed) {
  const auto size = static_cast<std::int64_t>(count);
  Digits drawn{at::empty({size, digits::kSize, digits::kSize}, at::kByte),
               at::empty({size}, at::kLong)};
  for (std::size_t i = 0; i < count; ++i) {
    const digits::Digit digit = digits::draw_digit(first_seed + i);
    std::copy(digit.pixels.begin(), digit.pixels.end(),
              drawn.images.data_ptr<std::uint8_t>() + i * digit.pixels.size());
    drawn.labels.data_ptr<std::int64_t>()[i] = digit.label;
  }
  return drawn;
}

void write_digits(const std::filesystem::path& folder, DigitsPart part, const Digits& digits) {
  const std::string prefix = prefix_of(part);
  write_file(folder / (prefix + "-images-idx3-ubyte.gz"), gzipped(idx_bytes(digits.images)));
  write_file(folder / (prefix + "-labels-idx1-ubyte.gz"),
             gzipped(idx_bytes(digits.labels.to(at::kByte))));
}

at::Tensor read_idx(const std::filesystem::path& path, int dimensions) {
  const std::string where = path.string();
  GzipSource source(path);
  const std::int64_t magic = read_big_endian(source, where);
  const std::int64_t expected = kUnsignedByte << 8 | dimensions;
  if (magic != expected) {
    fail(ErrorKind::input, "{}: magic number {:#010x}, expected {:#010x} (bytes, {} dimensions)",
         where, magic, expected, dimensions);
  }
  std::vector<std::int64_t> shape;
  for (int axis = 0; axis < dimensions; ++axis) shape.push_back(read_big_endian(source, where));
  const std::optional<std::uint64_t> count = tensor_bytes(shape, 1);
  if (!count) fail(ErrorKind::input, "{}: the sizes in its header are too large", where);
  const std::vector<std::uint8_t> values = read_bytes(source, *count, where, "the data");
  std::uint8_t beyond = 0;
  if (source.read(std::span(&beyond, 1)) != 0) {
    fail(ErrorKind::input, "{}: more data than the {} bytes that its header states", where, *count);
  }
  at::Tensor tensor = at::empty(shape, at::kByte);
  std::copy(values.begin(), values.end(), tensor.data_ptr<std::uint8_t>());
  return tensor;
}

Digits read_digits(const std::filesystem::path& folder, DigitsPart part) {
  const std::string prefix = prefix_of(part);
  const auto image_path = find_file(folder, prefix + "-images-idx3-ubyte");
  const auto label_path = find_file(folder, prefix + "-labels-idx1-ubyte");
  Digits digits{read_idx(image_path, 3), read_idx(label_path, 1).to(at::kLong)};
  const std::int64_t count = digits.labels.numel();
  if (digits.images.size(0) != count) {
    fail(ErrorKind::input, "{}: {} labels for the {} images of {}", label_path.string(), count,
         digits.images.size(0), image_path.filename().string());
  }
  const std::int64_t* labels = digits.labels.data_ptr<std::int64_t>();
  const std::int64_t* wrong = std::find_if(
      labels, labels + count, [](std::int64_t label) { return label > kLargestDigit; });
  if (wrong != labels + count) {
    fail(ErrorKind::input, "{}: label {} of image {}, expected 0 to 9", label_path.string(), *wrong,
         wrong - labels);
  }
  return digits;
}

}  // namespace mbm
