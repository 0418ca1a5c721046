// mbm board, whose verbs are subcommands of their own.
#pragma once

#include <CLI/CLI.hpp>

namespace mbm {

void add_board_command(CLI::App& application);

}  // namespace mbm
