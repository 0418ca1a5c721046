#include "host/format/npy.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/quote.hpp"
#include "host/format/tensor_bytes.hpp"

namespace mbm {
namespace {

static_assert(std::endian::native == std::endian::little, "'<' is the machine's byte order");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kHeaderAlignment = 64;
constexpr std::uint32_t kLongestHeader = 1U
                                         << 20;  // of a plain array; structured types may need more

// Reads the header: a Python dictionary of 'descr', 'fortran_order' and 'shape', in any order.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      const std::string key = parse_text();
      expect(':');
      parse_value(key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size()) fail_here("nothing more");
    if (!has_type_ || !has_order_ || !has_shape_) {
      fail(ErrorKind::input, "{}: the header gives no {}", where_,
           !has_type_ ? "descr" : (!has_order_ ? "fortran_order" : "shape"));
    }
    count_bytes();
    return header_;
  }

 private:
  void parse_value(const std::string& key) {
    if (key == "descr") {
      parse_type();
      has_type_ = true;
    } else if (key == "fortran_order") {
      header_.fortran_order = parse_bool();
      has_order_ = true;
    } else if (key == "shape") {
      parse_shape();
      has_shape_ = true;
    } else {
      fail(ErrorKind::input, "{}: the header has the unknown key {}", where_, quote(key));
    }
  }

  void parse_type() {
    skip_space();
    if (position_ < text_.size() && text_[position_] == '[') {
      fail(ErrorKind::input, "{}: a structured array, expected plain numbers", where_);
    }
    const std::string text = parse_text();
    const bool known_form =
        text.size() >= 3 && std::string_view("<>|=").find(text[0]) != std::string_view::npos;
    if (known_form) {
      const std::string_view digits = std::string_view(text).substr(2);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), header_.type.bytes);
      header_.type.kind = text[1];
      header_.swapped = text[0] == '>' && header_.type.bytes > 1;
      if (error == std::errc() && end == digits.data() + digits.size() && is_supported()) return;
    }
    fail(ErrorKind::input, "{}: type {} is not a number (bool, int, uint, float, complex)", where_,
         quote(text));
  }

  bool is_supported() const {
    const std::size_t bytes = header_.type.bytes;
    switch (header_.type.kind) {
      case 'b':
        return bytes == 1;
      case 'i':
      case 'u':
        return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
      case 'f':
        return bytes == 2 || bytes == 4 || bytes == 8;
      case 'c':
        return bytes == 8 || bytes == 16;
      default:
        return false;
    }
  }

  void parse_shape() {
    header_.shape.clear();
    expect('(');
    while (!accept(')')) {
      header_.shape.push_back(parse_extent());
      accept('L');  // a long integer of Python 2
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::int64_t parse_extent() {
    skip_space();
    std::int64_t extent = -1;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + position_, end, extent);
    if (error != std::errc() || extent < 0) fail_here("a whole number from 0");
    position_ = static_cast<std::size_t>(stop - text_.data());
    return extent;
  }

  bool parse_bool() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(position_).starts_with(word)) {
        position_ += word.size();
        return value;
      }
    }
    fail_here("True or False");
  }

  std::string parse_text() {
    skip_space();
    const char quote = position_ < text_.size() ? text_[position_] : '\0';
    if (quote != '\'' && quote != '"') fail_here("a text in quotes");
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) fail_here("a text in quotes");
    std::string text(text_.substr(position_ + 1, end - position_ - 1));
    position_ = end + 1;
    return text;
  }

  void skip_space() {
    while (position_ < text_.size() &&
           std::isspace(static_cast<unsigned char>(text_[position_])) != 0) {
      ++position_;
    }
  }

  bool accept(char wanted) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail_here(fmt::format("'{}'", wanted));
  }

  void count_bytes() {
    const auto bytes = tensor_bytes(header_.shape, header_.type.bytes);
    if (!bytes) fail(ErrorKind::input, "{}: the shape is too large", where_);
    header_.data_bytes = *bytes;
  }

  [[noreturn]] void fail_here(const std::string& expected) const {
    fail(ErrorKind::input, "{}: header, character {}: expected {}", where_, position_, expected);
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;
  NpyHeader header_;
  bool has_type_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

// The length field of the header: 2 bytes in version 1, 4 bytes in versions 2 and 3.
std::uint32_t read_header_length(ByteSource& source, const std::string& where) {
  std::array<std::uint8_t, 8> start = {};
  read_exactly(source, start, where, "the header");
  if (std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0) {
    fail(ErrorKind::input, "{}: not a .npy array (it does not begin with \\x93NUMPY)", where);
  }
  const int major = start[6];
  if (major < 1 || major > 3) {
    fail(ErrorKind::input, "{}: version {}.{} of the format, expected 1, 2 or 3", where, major,
         int{start[7]});
  }
  std::array<std::uint8_t, 4> length = {};
  read_exactly(source, std::span(length).first(major == 1 ? 2 : 4), where, "the header");
  return std::bit_cast<std::uint32_t>(length);
}

// Elements in Fortran order (first index fastest) to C order (last index fastest).
std::vector<std::uint8_t> to_c_order(const std::vector<std::uint8_t>& bytes, std::size_t size,
                                     const std::vector<std::int64_t>& shape) {
  std::vector<std::uint8_t> ordered(bytes.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::size_t place = 0; place < bytes.size(); place += size) {
    std::uint64_t target = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      target = target * static_cast<std::uint64_t>(shape[axis]) +
               static_cast<std::uint64_t>(index[axis]);
    }
    std::memcpy(ordered.data() + target * size, bytes.data() + place, size);
    for (std::size_t axis = 0; axis < shape.size() && ++index[axis] == shape[axis]; ++axis) {
      index[axis] = 0;
    }
  }
  return ordered;
}

struct TypePair {
  NpyType npy;
  at::ScalarType torch;
};

constexpr std::array kTypePairs = {
    TypePair{{'b', 1}, at::kBool},
    TypePair{{'u', 1}, at::kByte},
    TypePair{{'i', 1}, at::kChar},
    TypePair{{'i', 2}, at::kShort},
    TypePair{{'i', 4}, at::kInt},
    TypePair{{'i', 8}, at::kLong},
    TypePair{{'f', 2}, at::kHalf},
    TypePair{{'f', 4}, at::kFloat},
    TypePair{{'f', 8}, at::kDouble},
    TypePair{{'c', 8}, at::kComplexFloat},
    TypePair{{'c', 16}, at::kComplexDouble},
};

// Nothing for unsigned integers of more than 8 bits.
std::optional<at::ScalarType> torch_type(NpyType type) {
  for (const TypePair& pair : kTypePairs) {
    if (pair.npy == type) return pair.torch;
  }
  return std::nullopt;
}

NpyType npy_type(at::ScalarType type) {
  for (const TypePair& pair : kTypePairs) {
    if (pair.torch == type) return pair.npy;
  }
  fail(ErrorKind::usage, "type {} has no NumPy type", c10::toString(type));
}

template <typename From, typename To>
at::Tensor widened(const NpyArray& array, at::ScalarType type, const std::string& where) {
  at::Tensor tensor = at::empty(array.shape, type);
  const std::span<const From> values = array.values<From>(where);
  To* target = tensor.data_ptr<To>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::in_range<To>(values[i])) {
      fail(ErrorKind::input, "{}: element {} is {}, too large for a signed integer of 64 bits",
           where, i, values[i]);
    }
    target[i] = static_cast<To>(values[i]);
  }
  return tensor;
}

std::string header_text(const NpyArray& array) {
  std::string shape;
  for (const std::int64_t extent : array.shape) shape += fmt::format("{}, ", extent);
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  if (array.shape.size() == 1) shape.pop_back();
  return fmt::format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}), }}",
                     array.type.bytes == 1 ? '|' : '<', array.type.kind, array.type.bytes, shape);
}

}  // namespace

std::string to_string(NpyType type) {
  switch (type.kind) {
    case 'b':
      return "bool";
    case 'i':
      return fmt::format("int{}", 8 * type.bytes);
    case 'u':
      return fmt::format("uint{}", 8 * type.bytes);
    case 'f':
      return fmt::format("float{}", 8 * type.bytes);
    default:
      return fmt::format("complex{}", 8 * type.bytes);
  }
}

void NpyArray::check_type(NpyType wanted, const std::string& where) const {
  if (type == wanted) return;
  fail(ErrorKind::input, "{}: elements of {}, expected {}", where, to_string(type),
       to_string(wanted));
}

at::Tensor to_tensor(const NpyArray& array, const std::string& where) {
  if (const std::optional<at::ScalarType> type = torch_type(array.type)) {
    at::Tensor tensor = at::empty(array.shape, *type);
    if (!array.bytes.empty()) {
      std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
    }
    return tensor;
  }
  switch (array.type.bytes) {
    case 2:
      return widened<std::uint16_t, std::int32_t>(array, at::kInt, where);
    case 4:
      return widened<std::uint32_t, std::int64_t>(array, at::kLong, where);
    default:
      return widened<std::uint64_t, std::int64_t>(array, at::kLong, where);
  }
}

NpyArray to_npy_array(const at::Tensor& tensor) {
  at::Tensor plain = tensor.detach().cpu().contiguous();
  if (plain.scalar_type() == at::kBFloat16) plain = plain.to(at::kFloat);
  const auto* begin = static_cast<const std::uint8_t*>(plain.data_ptr());
  return {npy_type(plain.scalar_type()), plain.sizes().vec(), {begin, begin + plain.nbytes()}};
}

NpyHeader read_npy_header(ByteSource& source, const std::string& where) {
  const std::uint32_t length = read_header_length(source, where);
  if (length > kLongestHeader) {
    fail(ErrorKind::input, "{}: a header of {} bytes, at most {} are expected", where, length,
         kLongestHeader);
  }
  const std::vector<std::uint8_t> text = read_bytes(source, length, where, "the header");
  return HeaderParser({reinterpret_cast<const char*>(text.data()), text.size()}, where).parse();
}

NpyArray read_npy(ByteSource& source, const std::string& where) {
  NpyHeader header = read_npy_header(source, where);
  NpyArray array{header.type, std::move(header.shape), {}};
  array.bytes = read_bytes(source, header.data_bytes, where, "the data");
  std::uint8_t beyond = 0;
  if (source.read(std::span(&beyond, 1)) != 0) {
    fail(ErrorKind::input, "{}: more data than the {} bytes that its shape needs", where,
         header.data_bytes);
  }
  if (header.swapped) swap_byte_order(array.bytes, array.type);
  if (header.fortran_order) array.bytes = to_c_order(array.bytes, array.type.bytes, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  InputFile file(path);
  FileSource source(file);
  return read_npy(source, path.string());
}

void swap_byte_order(std::span<std::uint8_t> bytes, NpyType type) {
  const std::size_t size = type.kind == 'c' ? type.bytes / 2 : type.bytes;
  for (; !bytes.empty(); bytes = bytes.subspan(size)) {
    std::reverse(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

std::vector<std::uint8_t> encode_npy(const NpyArray& array) {
  std::string text = header_text(array);
  // Magic, version, length, text and a line feed fill a multiple of 64 bytes.
  const bool is_long = text.size() > 65000;
  const std::size_t before = kMagic.size() + 2 + (is_long ? 4 : 2);
  const std::size_t unpadded = before + text.size() + 1;
  text.append((kHeaderAlignment - unpadded % kHeaderAlignment) % kHeaderAlignment, ' ');
  text += '\n';
  std::vector<std::uint8_t> bytes(kMagic.begin(), kMagic.end());
  bytes.push_back(is_long ? 2 : 1);
  bytes.push_back(0);
  const auto length =
      std::bit_cast<std::array<std::uint8_t, 4>>(static_cast<std::uint32_t>(text.size()));
  bytes.insert(bytes.end(), length.begin(), length.begin() + (is_long ? 4 : 2));
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
  return bytes;
}

void write_npy(const std::filesystem::path& path, const NpyArray& array) {
  write_file(path, encode_npy(array));
}

void write_npy(const std::filesystem::path& path, const at::Tensor& tensor) {
  write_npy(path, to_npy_array(tensor));
}

}  // namespace mbm
