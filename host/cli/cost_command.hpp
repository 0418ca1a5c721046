// The verb `cost`.
#pragma once

#include <CLI/CLI.hpp>

namespace mbm {

// As the functions of commands.hpp.
void add_cost_command(CLI::App& application);

}  // namespace mbm
