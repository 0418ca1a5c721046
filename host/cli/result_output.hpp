// What the study commands do with a result: standard output gets one form of it, a folder all.
#pragma once

#include <string>

namespace mbm {

struct ResultForms {
  std::string json;
  std::string text;
  std::string csv;  // empty: the command has none
};

// Prints the form called `format` ("text", "json" or "csv") and, if `folder` is not empty, writes
// result.json, result.txt and, if there is one, result.csv into it; errors are those of write_file.
void put_result(const ResultForms& forms, const std::string& format, const std::string& folder);

// What run_command_line() was asked for, remembered for the results.
void remember_command(int argument_count, const char* const* arguments);
// "mbm VERB ...", without the options that only say where a result goes and in which form (--out,
// --format, --cache, --quiet): a part of a result, so that it says how to make it again.
std::string result_command();

}  // namespace mbm
