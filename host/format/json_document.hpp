// JSON files that users hand in: every value is checked where it is read, and what is wrong is an
// Error(input) that names the file and the place in it, what was found and what was expected.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {

// A value in a document, with its name for messages: "FILE: layers[3].weights.steps". The document
// must outlive it.
class JsonPlace {
 public:
  JsonPlace(const nlohmann::json& value, std::string name, std::string_view kind)
      : value_(value), name_(std::move(name)), kind_(kind) {}

  const std::string& name() const { return name_; }
  bool contains(const std::string& key) const { return value_.is_object() && value_.contains(key); }
  JsonPlace operator[](const std::string& key) const;
  JsonPlace operator[](std::size_t index) const;

  std::size_t array_size() const;
  std::vector<std::string> keys() const;  // of an object
  std::string text() const;
  double number() const;
  // A finite float32, positive if `positive`.
  float real(bool positive) const;
  // A list of `fewest` or of `most` of them.
  std::vector<float> reals(std::size_t fewest, std::size_t most, bool positive) const;

  void require_text(std::string_view wanted) const;
  // The value must be an object with this "schema" and "schema_version".
  void require_schema(std::string_view schema, int version) const;

  [[noreturn]] void expected(const std::string& what) const;

  // The value of `parse` of the text; an unknown one is an error of the file.
  template <typename Parse>
  auto parsed(Parse parse) const {
    const std::string value = text();
    try {
      return parse(value);
    } catch (const Error& error) {
      fail(ErrorKind::input, "{}: {}", name_, error.what());
    }
  }

 private:
  const nlohmann::json& value_;
  std::string name_;
  std::string_view kind_;  // "a calibration file"
};

class JsonDocument {
 public:
  // Reads the whole file; `kind` says what it should be, as in "a calibration file".
  JsonDocument(const std::filesystem::path& path, std::string_view kind);

  const nlohmann::json& value() const { return value_; }
  JsonPlace root() const { return {value_, path_ + ": ", kind_}; }

 private:
  std::string path_;
  std::string kind_;
  nlohmann::json value_;
};

}  // namespace mbm
