// The verb `cost`.
#pragma once

#include <CLI/CLI.hpp>

namespace mbm {

// As the functions of commands.hpp.
void add_cost_command(CLI::App& application);

// `compare` below it.
void add_cost_compare(CLI::App& parent);

}  // namespace mbm
