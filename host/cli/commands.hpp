// The verbs of the command line. Each function adds one subcommand to `application` whose callback
// does the work; errors leave it as mbm::Error.
#pragma once

#include <CLI/CLI.hpp>

namespace mbm {

void add_multiplier_command(CLI::App& application);
void add_run_command(CLI::App& application);
void add_sweep_command(CLI::App& application);
void add_widths_command(CLI::App& sweep);  // of mbm sweep
void add_calibrate_command(CLI::App& application);
void add_decompose_command(CLI::App& application);
void add_compatibility_command(CLI::App& application);
void add_search_command(CLI::App& application);
void add_simulate_command(CLI::App& application);
void add_doctor_command(CLI::App& application);
void add_report_command(CLI::App& application);
void add_rooms_command(CLI::App& application);
void add_digits_command(CLI::App& application);
void add_train_command(CLI::App& application);

// Builds the application with all verbs, parses and runs it. Returns the exit code: 0, or the
// ErrorKind of what went wrong, after one line on standard error.
int run_command_line(int argument_count, const char* const* arguments);

}  // namespace mbm
