#include "host/format/safetensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/input_file.hpp"
#include "host/format/quote.hpp"
#include "host/format/tensor_bytes.hpp"

namespace mbm {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little endian");

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the limit of the reference implementation
constexpr const char* kMetadataKey = "__metadata__";

struct ElementType {
  const char* name;
  at::ScalarType type;
};

constexpr std::array kElementTypes = {
    ElementType{"F64", at::kDouble}, ElementType{"F32", at::kFloat},
    ElementType{"F16", at::kHalf},   ElementType{"BF16", at::kBFloat16},
    ElementType{"I64", at::kLong},   ElementType{"I32", at::kInt},
    ElementType{"I16", at::kShort},  ElementType{"I8", at::kChar},
    ElementType{"U8", at::kByte},    ElementType{"BOOL", at::kBool},
};

// One tensor as the header describes it; offsets in bytes from the end of the header.
struct Entry {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Header {
  std::vector<Entry> entries;  // in the order of their data
  std::map<std::string, std::string> metadata;
  std::uint64_t data_offset = 0;  // of the first tensor, in the file
};

// A value of the header for a message, cut if it is long.
std::string shown(const nlohmann::json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.dump();
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

// Parses JSON and refuses a key that occurs twice in one object.
nlohmann::json parse_header_text(std::span<const std::uint8_t> text,
                                 const std::filesystem::path& path) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      fail(ErrorKind::input, "{}: header: {} occurs twice", path.string(), shown(value));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::input, "{}: header is not JSON: {}", path.string(), error.what());
  }
}

at::ScalarType parse_type(const nlohmann::json& value, const std::string& where) {
  if (value.is_string()) {
    for (const ElementType& element : kElementTypes) {
      if (value.get_ref<const std::string&>() == element.name) return element.type;
    }
  }
  fail(ErrorKind::input, "{}: dtype {} is not one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL",
       where, shown(value));
}

std::uint64_t parse_natural(const nlohmann::json& value, const std::string& where) {
  if (!value.is_number_unsigned()) {
    fail(ErrorKind::input, "{}: found {}, expected a whole number from 0", where, shown(value));
  }
  return value.get<std::uint64_t>();
}

std::vector<std::int64_t> parse_shape(const nlohmann::json& value, const std::string& where) {
  if (!value.is_array()) {
    fail(ErrorKind::input, "{}: shape is {}, expected a list", where, shown(value));
  }
  std::vector<std::int64_t> shape;
  for (const nlohmann::json& extent : value) {
    const std::uint64_t natural = parse_natural(extent, where + ": shape");
    shape.push_back(static_cast<std::int64_t>(std::min<std::uint64_t>(natural, INT64_MAX)));
  }
  return shape;
}

Entry parse_entry(const std::string& name, const nlohmann::json& value, std::uint64_t data_bytes,
                  const std::string& where) {
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!value.is_object() || !value.contains(key)) {
      fail(ErrorKind::input, "{}: the header gives no {}", where, key);
    }
  }
  const nlohmann::json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) {
    fail(ErrorKind::input, "{}: data_offsets are {}, expected two numbers", where, shown(offsets));
  }
  Entry entry;
  entry.name = name;
  entry.type = parse_type(value["dtype"], where);
  entry.begin = parse_natural(offsets[0], where + ": data_offsets");
  entry.end = parse_natural(offsets[1], where + ": data_offsets");
  if (entry.begin > entry.end || entry.end > data_bytes) {
    fail(ErrorKind::input, "{}: data_offsets {} leave the {} bytes of data that the file has",
         where, shown(offsets), data_bytes);
  }
  entry.shape = parse_shape(value["shape"], where);
  const auto bytes = tensor_bytes(entry.shape, c10::elementSize(entry.type));
  if (!bytes) {
    fail(ErrorKind::input, "{}: shape {} is too large", where, shown(value["shape"]));
  }
  if (*bytes != entry.end - entry.begin) {
    fail(ErrorKind::input, "{}: shape {} of {} needs {} bytes, data_offsets span {}", where,
         shown(value["shape"]), shown(value["dtype"]), *bytes, entry.end - entry.begin);
  }
  return entry;
}

std::map<std::string, std::string> parse_metadata(const nlohmann::json& value,
                                                  const std::filesystem::path& path) {
  std::map<std::string, std::string> metadata;
  if (!value.is_object()) {
    fail(ErrorKind::input, "{}: {} is not an object of texts", path.string(), kMetadataKey);
  }
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) {
      fail(ErrorKind::input, "{}: {}: {} is not a text", path.string(), kMetadataKey, quote(key));
    }
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// The tensors must cover the data one after another, without overlap and without a hole.
void check_coverage(std::vector<Entry>& entries, std::uint64_t data_bytes,
                    const std::filesystem::path& path) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != position) {
      fail(ErrorKind::input, "{}: tensor {} begins at byte {} of the data, {} byte {}",
           path.string(), quote(entry.name), entry.begin,
           entry.begin < position ? "inside the one that ends at" : "a hole after", position);
    }
    position = entry.end;
  }
  if (position != data_bytes) {
    fail(ErrorKind::input, "{}: {} bytes after the last tensor", path.string(),
         data_bytes - position);
  }
}

std::uint64_t read_header_length(InputFile& file) {
  std::array<std::uint8_t, kLengthBytes> bytes = {};
  file.read_at(0, bytes, "the header length");
  const auto length = std::bit_cast<std::uint64_t>(bytes);
  if (length > kLongestHeader || length > file.size() - kLengthBytes) {
    fail(ErrorKind::input,
         "{}: not a safetensors file or truncated: its header would have {} bytes, the file has {}",
         file.path().string(), length, file.size());
  }
  return length;
}

Header read_header(InputFile& file) {
  const std::uint64_t length = read_header_length(file);
  std::vector<std::uint8_t> text(length);
  file.read_at(kLengthBytes, text, "the header");
  const nlohmann::json json = parse_header_text(text, file.path());
  if (!json.is_object()) {
    fail(ErrorKind::input, "{}: the header is not a JSON object", file.path().string());
  }
  Header header;
  header.data_offset = kLengthBytes + length;
  const std::uint64_t data_bytes = file.size() - header.data_offset;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadataKey) {
      header.metadata = parse_metadata(value, file.path());
    } else {
      const std::string where = fmt::format("{}: tensor {}", file.path().string(), quote(name));
      header.entries.push_back(parse_entry(name, value, data_bytes, where));
    }
  }
  check_coverage(header.entries, data_bytes, file.path());
  return header;
}

const char* type_name(const std::string& name, at::ScalarType type) {
  for (const ElementType& element : kElementTypes) {
    if (element.type == type) return element.name;
  }
  fail(ErrorKind::usage, "tensor {}: type {} cannot be written as safetensors", quote(name),
       c10::toString(type));
}

using OrderedTensors = std::vector<std::pair<std::string, at::Tensor>>;

std::string header_text(const OrderedTensors& ordered,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!metadata.empty()) json[kMetadataKey] = metadata;
  std::uint64_t position = 0;
  for (const auto& [name, tensor] : ordered) {
    if (name == kMetadataKey) fail(ErrorKind::usage, "a tensor cannot be named {}", kMetadataKey);
    const std::uint64_t end = position + tensor.nbytes();
    json[name] = {{"dtype", type_name(name, tensor.scalar_type())},
                  {"shape", tensor.sizes().vec()},
                  {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = json.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

NamedTensors read_safetensors(const std::filesystem::path& path) {
  InputFile file(path);
  const Header header = read_header(file);
  NamedTensors tensors;
  for (const Entry& entry : header.entries) {
    at::Tensor tensor = at::empty(entry.shape, entry.type);
    const std::span bytes(static_cast<std::uint8_t*>(tensor.data_ptr()), entry.end - entry.begin);
    file.read_at(header.data_offset + entry.begin, bytes, "tensor " + quote(entry.name));
    tensors.emplace(entry.name, std::move(tensor));
  }
  return tensors;
}

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path) {
  InputFile file(path);
  return read_header(file).metadata;
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata) {
  OrderedTensors ordered;
  for (const auto& [name, tensor] : tensors) {
    ordered.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second.element_size() > b.second.element_size();
  });
  const std::string header = header_text(ordered, metadata);
  const auto length = std::bit_cast<std::array<std::uint8_t, kLengthBytes>>(
      static_cast<std::uint64_t>(header.size()));
  AtomicFile file(path);
  file.write(length);
  file.write(header);
  for (const auto& [name, tensor] : ordered) {
    file.write(std::span(static_cast<const std::uint8_t*>(tensor.data_ptr()), tensor.nbytes()));
  }
  file.commit();
}

}  // namespace mbm
