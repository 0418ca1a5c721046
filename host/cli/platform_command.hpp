// Networks on SystemC platforms: what `mbm simulate --platform` and `mbm sweep platform` do.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace mbm {

struct PlatformCommand {
  std::string file;
  std::string network;
  std::string layers = "all";
  std::string multiplier;  // empty: exact for cells `exact`, else mbm
  std::string device;      // of all arrays: "rtl", "model"; empty: as the file says
  std::string cost;        // result.json of `mbm cost components`; empty: no energies
  std::uint64_t seed = 0;
  std::string format = "text";
  std::string out;
};

// One platform.
void simulate_platform(const PlatformCommand& command);

// Adds --cost to a command.
void add_component_costs_option(CLI::App& command, std::string& file);

// Adds the subcommand `platform` to `sweep`.
void add_sweep_platform_command(CLI::App& sweep);

}  // namespace mbm
