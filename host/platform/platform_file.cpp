#include "host/platform/platform_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "cmodel/array/grid_names.hpp"
#include "cmodel/common/error.hpp"
#include "host/text/suggestion.hpp"

namespace mbm {
namespace {

using Configuration = PlatformConfiguration;
// What a key does with a value of its kind; a string says what it expected instead.
using Setter = std::function<std::string(Configuration&, const PlatformValue&)>;

template <typename Place>
Setter integer(const Place& place) {
  return [place](Configuration& configuration, const PlatformValue& value) -> std::string {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return "a whole number";
    using Target = std::remove_reference_t<decltype(place(configuration))>;
    if (*number < -2'000'000'000 && sizeof(Target) < sizeof *number) return "a smaller number";
    if (*number > 2'000'000'000 && sizeof(Target) < sizeof *number) return "a smaller number";
    place(configuration) = static_cast<Target>(*number);
    return {};
  };
}

template <typename Place>
Setter real(const Place& place) {
  return [place](Configuration& configuration, const PlatformValue& value) -> std::string {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      place(configuration) = static_cast<double>(*whole);
    } else if (const auto* number = std::get_if<double>(&value)) {
      place(configuration) = *number;
    } else {
      return "a number";
    }
    return {};
  };
}

template <typename Place>
Setter boolean(const Place& place) {
  return [place](Configuration& configuration, const PlatformValue& value) -> std::string {
    const auto* truth = std::get_if<bool>(&value);
    if (truth == nullptr) return "true or false";
    place(configuration) = *truth;
    return {};
  };
}

// `names` in the order of the enumeration's values.
template <typename Place>
Setter choice(std::vector<std::string> names, const Place& place) {
  return [names = std::move(names), place](Configuration& configuration,
                                           const PlatformValue& value) -> std::string {
    const auto* text = std::get_if<std::string>(&value);
    const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
    if (found == names.end()) return fmt::format("one of \"{}\"", fmt::join(names, "\", \""));
    using Target = std::remove_reference_t<decltype(place(configuration))>;
    place(configuration) = static_cast<Target>(found - names.begin());
    return {};
  };
}

#define MBM_AT(path)               \
  [](Configuration & c) -> auto& { \
    return c.path;                 \
  }

std::string set_size(Configuration& configuration, const PlatformValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return "a whole number";
  configuration.options.accelerator.rows = configuration.options.accelerator.columns = *number;
  return {};
}

std::string set_memory_bytes(Configuration& configuration, const PlatformValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return "a whole number";
  configuration.options.dram.bytes = *number;
  configuration.memory_given = true;
  return {};
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all{
      {"platform.arrays", integer(MBM_AT(arrays))},
      {"platform.rtl_arrays", integer(MBM_AT(rtl_arrays))},
      {"platform.data", boolean(MBM_AT(options.data))},
      {"platform.double_buffering", boolean(MBM_AT(double_buffering))},
      {"platform.patience", integer(MBM_AT(options.patience))},
      {"accelerator.size", set_size},
      {"accelerator.rows", integer(MBM_AT(options.accelerator.rows))},
      {"accelerator.columns", integer(MBM_AT(options.accelerator.columns))},
      {"accelerator.cell", choice({kElementKindNames.begin(), kElementKindNames.end()},
                                  MBM_AT(options.accelerator.kind))},
      {"accelerator.lanes", integer(MBM_AT(options.accelerator.lanes))},
      {"accelerator.bus_bytes", integer(MBM_AT(options.accelerator.bus_bytes))},
      {"accelerator.activation_depth", integer(MBM_AT(options.accelerator.activation_depth))},
      {"accelerator.weight_rows", integer(MBM_AT(options.accelerator.weight_rows))},
      {"accelerator.sum_depth", integer(MBM_AT(options.accelerator.sum_depth))},
      {"accelerator.output_depth", integer(MBM_AT(options.accelerator.output_depth))},
      {"accelerator.parameter_depth", integer(MBM_AT(options.accelerator.parameter_depth))},
      {"accelerator.table_entries", integer(MBM_AT(options.accelerator.table_entries))},
      {"accelerator.burst_beats", integer(MBM_AT(options.shell.burst_beats))},
      {"accelerator.outstanding", integer(MBM_AT(options.shell.outstanding))},
      {"accelerator.landing_beats", integer(MBM_AT(options.shell.landing_beats))},
      {"accelerator.queue_depth", integer(MBM_AT(options.shell.queue_depth))},
      {"interconnect.arbitration",
       choice({"round-robin", "fixed-priority"}, MBM_AT(options.interconnect.arbitration))},
      {"interconnect.latency", integer(MBM_AT(options.interconnect.latency))},
      {"interconnect.bytes_per_cycle", real(MBM_AT(options.interconnect.bytes_per_cycle))},
      {"interconnect.drop_request", integer(MBM_AT(options.interconnect.drop_request))},
      {"interconnect.flip_request", integer(MBM_AT(options.interconnect.flip_request))},
      {"memory.banks", integer(MBM_AT(options.dram.banks))},
      {"memory.row_bytes", integer(MBM_AT(options.dram.row_bytes))},
      {"memory.activate", integer(MBM_AT(options.dram.activate))},
      {"memory.precharge", integer(MBM_AT(options.dram.precharge))},
      {"memory.access", integer(MBM_AT(options.dram.access))},
      {"memory.row_open", integer(MBM_AT(options.dram.row_open))},
      {"memory.write_recovery", integer(MBM_AT(options.dram.write_recovery))},
      {"memory.turnaround", integer(MBM_AT(options.dram.turnaround))},
      {"memory.refresh_interval", integer(MBM_AT(options.dram.refresh_interval))},
      {"memory.refresh", integer(MBM_AT(options.dram.refresh))},
      {"memory.bytes_per_cycle", real(MBM_AT(options.dram.bytes_per_cycle))},
      {"memory.queue", integer(MBM_AT(options.dram.queue))},
      {"memory.policy", choice({"first-come", "row-first"}, MBM_AT(options.dram.policy))},
      {"memory.bytes", set_memory_bytes},
  };
  return all;
}

#undef MBM_AT

std::string place_of(const std::filesystem::path& path, const toml::node& node) {
  return fmt::format("{}:{}", path.string(), node.source().begin.line);
}

PlatformValue value_of(const toml::node& node, const std::string& key, const std::string& place) {
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  if (const auto* text = node.as_string()) return text->get();
  fail(ErrorKind::input, "{}: {}: a number, true, false or a string expected", place, key);
}

[[noreturn]] void fail_unknown(const std::string& key, const std::string& place) {
  fail(ErrorKind::input, "{}: there is no key {}; did you mean {}?", place, key,
       nearest_name(key, platform_keys()));
}

// Calls `leaf` for every key below `table` that is no table, with its whole name, in the file's
// order of lines.
void for_each_key(const toml::table& table, const std::string& prefix,
                  const std::function<void(const std::string&, const toml::node&)>& leaf) {
  std::vector<std::pair<std::string, const toml::node*>> keys;
  for (const auto& [key, node] : table) keys.emplace_back(std::string(key.str()), &node);
  std::ranges::stable_sort(keys, {}, [](const auto& one) {
    const toml::source_position begin = one.second->source().begin;
    return std::pair(begin.line, begin.column);
  });
  for (const auto& [key, node] : keys) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (const toml::table* inner = node->as_table()) {
      for_each_key(*inner, name, leaf);
    } else {
      leaf(name, *node);
    }
  }
}

PlatformAxis axis_of(const std::string& key, const toml::node& node, const std::string& place) {
  if (!setters().contains(key)) fail_unknown(key, place);
  const toml::array* values = node.as_array();
  if (values == nullptr || values->empty()) {
    fail(ErrorKind::input, "{}: {}: an array of values expected", place, key);
  }
  PlatformAxis axis{key, {}};
  for (const toml::node& value : *values) {
    axis.values.push_back(value_of(value, key, place));
    PlatformConfiguration tried;
    set_platform_key(tried, key, axis.values.back(), place);
  }
  return axis;
}

}  // namespace

std::string to_string(const PlatformValue& value) {
  return std::visit([](const auto& one) { return fmt::format("{}", one); }, value);
}

PlatformValue parse_platform_value(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc() && read.ptr == end) {
    return whole;
  }
  double number = 0;
  if (const auto read = std::from_chars(text.data(), end, number);
      read.ec == std::errc() && read.ptr == end) {
    return number;
  }
  return text;
}

std::vector<std::string> platform_keys() {
  std::vector<std::string> keys;
  for (const auto& [key, setter] : setters()) keys.push_back(key);
  return keys;
}

PlatformOptions PlatformConfiguration::resolved() const {
  PlatformOptions result = options;
  if (arrays < 1 || arrays > 16) {
    fail(ErrorKind::usage, "platform: arrays is {}, 1..16 expected", arrays);
  }
  if (rtl_arrays < 0 || rtl_arrays > arrays) {
    fail(ErrorKind::usage, "platform: rtl_arrays is {}, 0..{} expected", rtl_arrays, arrays);
  }
  result.cells.assign(static_cast<std::size_t>(arrays), CellKind::model);
  std::fill_n(result.cells.begin(), rtl_arrays, CellKind::rtl);
  AcceleratorParameters& accelerator = result.accelerator;
  const auto usual = AcceleratorParameters::of_size(accelerator.rows, accelerator.columns);
  if (accelerator.lanes == 0) accelerator.lanes = usual.lanes;
  if (accelerator.weight_rows == 0) accelerator.weight_rows = usual.weight_rows;
  return result;
}

void set_platform_key(PlatformConfiguration& configuration, const std::string& key,
                      const PlatformValue& value, const std::string& place) {
  const auto setter = setters().find(key);
  if (setter == setters().end()) fail_unknown(key, place);
  const std::string expected = setter->second(configuration, value);
  if (expected.empty()) return;
  fail(ErrorKind::input, "{}: {}: {} found, {} expected", place, key, to_string(value), expected);
}

PlatformFile read_platform_file(const std::filesystem::path& path) {
  PlatformFile file;
  file.base.options.accelerator.lanes = 0;  // follow the grid unless given
  file.base.options.accelerator.weight_rows = 0;
  toml::table root;
  try {
    root = toml::parse_file(path.string());
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    if (line == 0) fail(ErrorKind::input, "{}: {}", path.string(), error.description());
    fail(ErrorKind::input, "{}:{}: {}", path.string(), line, error.description());
  }
  constexpr std::string_view kSweep = "sweep.";
  for_each_key(root, "", [&](const std::string& key, const toml::node& node) {
    const std::string place = place_of(path, node);
    if (key.starts_with(kSweep)) {
      file.sweep.push_back(axis_of(key.substr(kSweep.size()), node, place));
      return;
    }
    if (!setters().contains(key)) fail_unknown(key, place);
    set_platform_key(file.base, key, value_of(node, key, place), place);
  });
  return file;
}

}  // namespace mbm
