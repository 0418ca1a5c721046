// What is asked of platforms: one of them for one network, or many that differ in some keys.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cmodel/network/integer_network.hpp"

namespace mbm {

struct PlatformStudy {
  std::string command;  // that makes the result
  std::string file;     // TOML
  std::string network;  // names for tables
  std::string layers;
  std::string multiplier;  // as run_platform() has it
  std::string device;      // of all arrays: "rtl" or "model"; empty: as the file says
  std::string cost;        // result.json of `mbm cost components`; empty: no energies
  std::uint64_t seed = 0;
  std::string out;                                     // folder; empty: none
  std::function<IntegerNetwork()> make_network;        // called if a platform is run
  std::function<void(std::size_t, std::size_t)> show;  // before each platform: done, all
};

struct PlatformForms {
  std::string json;
  std::string text;
  std::string csv;
  std::string roofline;  // SVG
};

// The platform of the file, its table [sweep] left alone.
PlatformForms study_platform(const PlatformStudy& study);

// All platforms of the table [sweep] and of `vary`, each "KEY=VALUE,VALUE,...", as CSV; the last
// key changes fastest. With a folder, points.csv is written after each platform, and those in it
// are not run again; result.json and the pictures come at the end. What a platform's accelerator or
// the network's size makes impossible is a line with its error. Throws Error(input) if the folder
// is of another sweep.
std::string sweep_platforms(const PlatformStudy& study, const std::vector<std::string>& vary);

}  // namespace mbm
