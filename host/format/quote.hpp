#pragma once

#include <string>
#include <string_view>

namespace mbm {

// A text from a file, in quotes, fit for a message of one line: control characters become \xNN and
// a long text is cut.
std::string quote(std::string_view text);

}  // namespace mbm
