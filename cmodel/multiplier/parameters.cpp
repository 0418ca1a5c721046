#include "cmodel/multiplier/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

// The integer that `text` is after `key`, if it is one.
std::optional<int> integer_after(std::string_view key, std::string_view text) {
  if (!text.starts_with(key)) return std::nullopt;
  text.remove_prefix(key.size());
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ParameterReader::ParameterReader(std::string_view name, std::string_view syntax, int width)
    : name_(name), syntax_(syntax), width_(width) {
  for (std::size_t colon = name.find(':'); colon != std::string_view::npos;) {
    const std::size_t next = name.find(':', colon + 1);
    unread_.emplace_back(name.substr(colon + 1, next - colon - 1));
    colon = next;
  }
}

std::string_view ParameterReader::family(std::string_view name) {
  return name.substr(0, name.find(':'));
}

int ParameterReader::number(std::string_view key, int lowest, int highest) {
  constexpr int kAbsent = -1;
  const int value = number_or(key, lowest, highest, kAbsent);
  if (value == kAbsent) refuse("a parameter is missing");
  return value;
}

int ParameterReader::number_or(std::string_view key, int lowest, int highest, int otherwise) {
  const auto found = std::find_if(unread_.begin(), unread_.end(), [key](const std::string& text) {
    return integer_after(key, text).has_value();
  });
  if (found == unread_.end()) return otherwise;
  const int value = *integer_after(key, *found);
  if (value < lowest || value > highest) {
    refuse(fmt::format("parameter '{}' found, {}{}..{} expected at {} bits", *found, key, lowest,
                       highest, width_));
  }
  unread_.erase(found);
  return value;
}

bool ParameterReader::word(std::string_view word) {
  const auto found = std::find(unread_.begin(), unread_.end(), word);
  if (found == unread_.end()) return false;
  unread_.erase(found);
  return true;
}

void ParameterReader::finish() const {
  if (!unread_.empty()) refuse(fmt::format("parameter '{}' is unknown", unread_.front()));
}

void ParameterReader::refuse(std::string_view reason) const {
  fail(ErrorKind::usage, "multiplier '{}': {}; expected: {}", name_, reason, syntax_);
}

int dropped_product_bits(ParameterReader& parameters) {
  return parameters.number_or("drop", 1, parameters.width() + 4, 0);
}

}  // namespace mbm
