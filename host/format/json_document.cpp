#include "host/format/json_document.hpp"

#include <fmt/format.h>

#include <cmath>

#include "host/format/input_file.hpp"

namespace mbm {

JsonPlace JsonPlace::operator[](const std::string& key) const {
  const std::string name = name_ + (name_.ends_with(' ') ? "" : ".") + key;
  if (!contains(key)) {
    fail(ErrorKind::input, "{}: not there, but expected in {}", name, kind_);
  }
  return {value_.at(key), name, kind_};
}

JsonPlace JsonPlace::operator[](std::size_t index) const {
  return {value_.at(index), fmt::format("{}[{}]", name_, index), kind_};
}

std::size_t JsonPlace::array_size() const {
  if (!value_.is_array()) expected("a list");
  return value_.size();
}

std::vector<std::string> JsonPlace::keys() const {
  if (!value_.is_object()) expected("an object");
  std::vector<std::string> keys;
  for (const auto& item : value_.items()) keys.push_back(item.key());
  return keys;
}

std::string JsonPlace::text() const {
  if (!value_.is_string()) expected("a text");
  return value_.get<std::string>();
}

double JsonPlace::number() const {
  if (!value_.is_number()) expected("a number");
  return value_.get<double>();
}

float JsonPlace::real(bool positive) const {
  const auto value = static_cast<float>(number());
  if (!std::isfinite(value) || (positive && value <= 0.0F)) {
    expected(positive ? "a positive number" : "a number of float32");
  }
  return value;
}

std::vector<float> JsonPlace::reals(std::size_t fewest, std::size_t most, bool positive) const {
  const std::size_t size = array_size();
  if (size != fewest && size != most) {
    expected(fewest == most ? fmt::format("a list of {} numbers", most)
                            : fmt::format("a list of {} or {} numbers", fewest, most));
  }
  std::vector<float> values;
  for (std::size_t i = 0; i < size; ++i) values.push_back((*this)[i].real(positive));
  return values;
}

void JsonPlace::require_text(std::string_view wanted) const {
  if (text() != wanted) expected(fmt::format("\"{}\"", wanted));
}

void JsonPlace::require_schema(std::string_view schema, int version) const {
  (*this)["schema"].require_text(schema);
  const JsonPlace found = (*this)["schema_version"];
  if (found.number() != version) found.expected(std::to_string(version));
}

void JsonPlace::expected(const std::string& what) const {
  std::string found = value_.dump();
  constexpr std::size_t kLongest = 40;
  if (value_.is_array()) found = fmt::format("a list of {}", value_.size());
  if (found.size() > kLongest) found = found.substr(0, kLongest) + "...";
  fail(ErrorKind::input, "{}: {} found, {} expected", name_, found, what);
}

JsonDocument::JsonDocument(const std::filesystem::path& path, std::string_view kind)
    : path_(path.string()), kind_(kind) {
  const std::vector<std::uint8_t> bytes = read_whole_file(path);
  try {
    value_ = nlohmann::json::parse(bytes.begin(), bytes.end());
  } catch (const nlohmann::json::parse_error& error) {
    fail(ErrorKind::input, "{}: byte {}: not JSON, {} expected", path_, error.byte, kind_);
  }
}

}  // namespace mbm
