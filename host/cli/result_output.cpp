#include "host/cli/result_output.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include "host/format/atomic_file.hpp"

namespace mbm {
namespace {

constexpr std::array<std::string_view, 3> kPlaceOptions{"--out", "--format", "--cache"};
std::vector<std::string> command_arguments;  // of this process, its name left out

std::string quoted_for_shell(const std::string& argument) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+:,./@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) {
    return argument;
  }
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

void remember_command(int argument_count, const char* const* arguments) {
  command_arguments.assign(arguments + std::min(argument_count, 1), arguments + argument_count);
}

std::string result_command() {
  std::string text = "mbm";
  for (std::size_t i = 0; i < command_arguments.size(); ++i) {
    const std::string& argument = command_arguments[i];
    if (argument == "-q" || argument == "--quiet") continue;
    const bool placed = std::ranges::any_of(kPlaceOptions, [&](std::string_view option) {
      return argument == option || argument.starts_with(std::string(option) + "=");
    });
    if (!placed) {
      text += " " + quoted_for_shell(argument);
    } else if (argument.find('=') == std::string::npos) {
      ++i;  // its value
    }
  }
  return text;
}

void put_result(const ResultForms& forms, const std::string& format, const std::string& folder) {
  fmt::print("{}", format == "json" ? forms.json : format == "csv" ? forms.csv : forms.text);
  std::fflush(stdout);  // what follows on standard error belongs below it
  if (folder.empty()) return;
  const std::filesystem::path path = folder;
  write_file(path / "result.json", forms.json);
  write_file(path / "result.txt", forms.text);
  if (!forms.csv.empty()) write_file(path / "result.csv", forms.csv);
}

}  // namespace mbm
