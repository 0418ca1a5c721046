#include "host/cost/liberty_group.hpp"

#include <algorithm>
#include <cctype>

#include "cmodel/common/error.hpp"
#include "host/format/quote.hpp"

namespace mbm {
namespace {

class LibertyText {
 public:
  LibertyText(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  LibertyGroup parse() {
    const std::size_t first = skip();
    std::string name = word();
    if (name.empty()) wrong("a group");
    LibertyGroup library = body(std::move(name), arguments(), first);
    skip();
    if (place_ < text_.size()) wrong("the end of the file");
    return library;
  }

 private:
  static constexpr int kDeepest = 32;

  [[noreturn]] void wrong(std::string_view expected) {
    const auto line =
        1 + std::count(text_.begin(),
                       text_.begin() + static_cast<std::ptrdiff_t>(std::min(place_, text_.size())),
                       '\n');
    const std::string found = place_ < text_.size() ? quote(std::string(text_.substr(place_, 20)))
                                                    : std::string("the end of the file");
    fail(ErrorKind::input, "{}:{}: {} found, {} expected", file_, line, found, expected);
  }

  // To the next character that is no space, comment or continued line.
  std::size_t skip() {
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\\') {
        ++place_;
      } else if (text_.substr(place_, 2) == "/*") {
        const std::size_t end = text_.find("*/", place_ + 2);
        if (end == std::string_view::npos) wrong("a comment that ends");
        place_ = end + 2;
      } else if (text_.substr(place_, 2) == "//") {
        place_ = std::min(text_.find('\n', place_), text_.size());
      } else {
        break;
      }
    }
    return place_;
  }

  bool take(char wanted) {
    skip();
    if (place_ >= text_.size() || text_[place_] != wanted) return false;
    ++place_;
    return true;
  }

  // A name, a number or a quoted text; empty if there is none.
  std::string word() {
    skip();
    if (place_ < text_.size() && text_[place_] == '"') {
      const std::size_t end = text_.find('"', place_ + 1);
      if (end == std::string_view::npos) wrong("a text that ends");
      std::string result(text_.substr(place_ + 1, end - place_ - 1));
      place_ = end + 1;
      return result;
    }
    const std::size_t first = place_;
    while (place_ < text_.size() &&
           std::string_view("(){};:,\"").find(text_[place_]) == std::string_view::npos &&
           std::isspace(static_cast<unsigned char>(text_[place_])) == 0) {
      ++place_;
    }
    return std::string(text_.substr(first, place_ - first));
  }

  std::vector<std::string> arguments() {
    if (!take('(')) wrong("'('");
    std::vector<std::string> result;
    while (!take(')')) {
      if (take(',')) continue;
      skip();
      const std::size_t before = place_;
      result.push_back(word());
      if (place_ == before) wrong("')'");
    }
    return result;
  }

  // Of a simple attribute: to the ';' or the end of the line, a text or words with one space.
  std::string simple_value() {
    skip();
    if (place_ < text_.size() && text_[place_] == '"') return word();
    const std::size_t first = place_;
    while (place_ < text_.size() &&
           std::string_view(";\n}").find(text_[place_]) == std::string_view::npos) {
      ++place_;
    }
    std::string_view value = text_.substr(first, place_ - first);
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())) != 0) {
      value.remove_suffix(1);
    }
    if (value.empty()) wrong("a value");
    return std::string(value);
  }

  LibertyGroup body(std::string kind, std::vector<std::string> group_arguments, std::size_t first) {
    LibertyGroup group;
    group.kind = std::move(kind);
    group.arguments = std::move(group_arguments);
    group.first_byte = first;
    if (!take('{')) wrong("'{'");
    if (++depth_ > kDeepest) wrong("fewer groups within groups");
    while (!take('}')) {
      if (take(';')) continue;
      const std::size_t start = skip();
      std::string name = word();
      if (name.empty()) wrong("an attribute or '}'");
      if (take(':')) {
        group.attributes.emplace_back(std::move(name), std::vector{simple_value()});
        continue;
      }
      std::vector<std::string> values = arguments();
      skip();
      if (place_ < text_.size() && text_[place_] == '{') {
        group.groups.push_back(body(std::move(name), std::move(values), start));
      } else {
        group.attributes.emplace_back(std::move(name), std::move(values));
      }
    }
    --depth_;
    group.end_byte = place_;
    return group;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t place_ = 0;
  int depth_ = 0;
};

}  // namespace

const std::vector<std::string>* LibertyGroup::find(std::string_view name) const {
  for (const auto& [key, values] : attributes) {
    if (key == name) return &values;
  }
  return nullptr;
}

std::string LibertyGroup::value(std::string_view name, std::string_view otherwise) const {
  const std::vector<std::string>* values = find(name);
  return values == nullptr || values->empty() ? std::string(otherwise) : values->front();
}

LibertyGroup parse_liberty_text(std::string_view text, const std::string& file) {
  return LibertyText(text, file).parse();
}

}  // namespace mbm
