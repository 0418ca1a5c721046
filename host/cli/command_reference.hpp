// The command line written down for others than its parser: completion in bash, a page for man(1).
// Both are made from the parser's own definition and cannot differ from it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mbm {

// A script for bash that completes verbs, options and the values of options that have a list.
std::string bash_completion(const CLI::App& application);

// A page in the language of man(7); `version` stands at its foot.
std::string manual_page(const CLI::App& application, const std::string& version);

// Adds `mbm completion bash` and `mbm manual`, which print them. What installs mbm calls these;
// --help does not show them.
void add_reference_commands(CLI::App& application);

}  // namespace mbm
