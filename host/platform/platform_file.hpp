// Platform configurations: TOML files, and the keys that a sweep varies.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "sim/systemc/platform_options.hpp"

namespace mbm {

struct PlatformConfiguration {
  PlatformOptions options;
  std::int64_t arrays = 1;
  std::int64_t rtl_arrays = 0;   // the first ones are Verilog
  bool double_buffering = true;  // else loads of activations wait for all that came before
  bool memory_given = false;     // whether the size of the memory was; else it is what is needed

  // Options that follow from others: kinds of cells, lanes and weight rows that are 0.
  PlatformOptions resolved() const;
};

using PlatformValue = std::variant<bool, std::int64_t, double, std::string>;
std::string to_string(const PlatformValue& value);
// What TOML reads: true, false, a whole number, a number; else the text itself.
PlatformValue parse_platform_value(const std::string& text);

// A key that takes several values in turn.
struct PlatformAxis {
  std::string key;  // "memory.bytes_per_cycle"
  std::vector<PlatformValue> values;
};

struct PlatformFile {
  PlatformConfiguration base;
  std::vector<PlatformAxis> sweep;  // of the table [sweep], by key
};

// All keys, "accelerator.rows", sorted.
std::vector<std::string> platform_keys();

// Throws Error(input) "FILE:LINE: ..." for what is no TOML, for a key that does not exist, with the
// nearest one that does, and for a value of another kind than the key's.
PlatformFile read_platform_file(const std::filesystem::path& path);

// Sets one key; throws Error(input) that begins with `place`.
void set_platform_key(PlatformConfiguration& configuration, const std::string& key,
                      const PlatformValue& value, const std::string& place);

}  // namespace mbm
