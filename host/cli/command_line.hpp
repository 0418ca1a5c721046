// The command line as a definition, for what parses or describes it.
#pragma once

#include <CLI/CLI.hpp>

namespace mbm {

// Adds every verb of host/cli/commands.hpp, and the options that stand before a verb.
void add_commands(CLI::App& application);

}  // namespace mbm
