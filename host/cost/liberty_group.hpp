// The syntax of Liberty files: groups of attributes and groups.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mbm {

// kind(arguments) { attributes; complex attributes(...); groups }
struct LibertyGroup {
  std::string kind;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      attributes;  // simple ones have one value
  std::vector<LibertyGroup> groups;
  std::size_t first_byte = 0;  // of the group in its text
  std::size_t end_byte = 0;    // behind its closing brace

  // The values of the first attribute of the name; null if there is none.
  const std::vector<std::string>* find(std::string_view name) const;
  // Its only value, or `otherwise`.
  std::string value(std::string_view name, std::string_view otherwise = "") const;
};

// Parses `text`, whose outermost group is returned; `file` is for messages. Throws Error(input)
// with file, line, what was found and what was expected.
LibertyGroup parse_liberty_text(std::string_view text, const std::string& file);

}  // namespace mbm
