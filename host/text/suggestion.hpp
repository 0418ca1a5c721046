// "Did you mean": the entry of a list that is nearest to a mistyped name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mbm {

// The entry with the smallest Levenshtein distance to `name`; the first of several. `known` must
// not be empty.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace mbm
