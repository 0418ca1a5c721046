#include "host/cli/format_option.hpp"

namespace mbm {

void add_format_option(CLI::App& command, std::string& format) {
  command.add_option("--format", format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
}

}  // namespace mbm
