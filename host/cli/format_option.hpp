// --format of the commands that print one form of a result.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mbm {

// Which of text, json and csv standard output gets; see put_result.
void add_format_option(CLI::App& command, std::string& format);

}  // namespace mbm
