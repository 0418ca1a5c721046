#include "host/format/quote.hpp"

#include <fmt/format.h>

namespace mbm {
namespace {

constexpr std::size_t kLongest = 100;

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

}  // namespace

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, kLongest)) {
    if (is_control(c)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + (text.size() > kLongest ? "...\"" : "\"");
}

}  // namespace mbm
