#include "host/cli/result_output.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>

#include "host/format/atomic_file.hpp"

namespace mbm {

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
