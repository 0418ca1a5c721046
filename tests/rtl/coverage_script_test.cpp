// scripts/coverage-rtl on counts written by hand: it must find what is not covered, and exceptions
// that are none.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/rtl/tool_run.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

constexpr const char* kFile = "rtl/common/skid_buffer.sv";

// A point of Verilator's data: fields of a key and a value each.
std::string point(const std::string& kind, int line, const std::string& object,
                  const std::string& lines, int count) {
  std::string text = "C '";
  const auto add = [&](const std::string& key, const std::string& value) {
    text += "\x01" + key + "\x02" + value;
  };
  add("f", (test::source_folder() / kFile).string());
  add("l", std::to_string(line));
  add("n", "3");
  add("page", "v_" + kind + "/skid_buffer__W8");
  add("o", object);
  if (kind != "toggle") add("S", lines);
  return text + fmt::format("' {}\n", count);
}

class CoverageScript : public testing::Test {
 protected:
  // A block of three lines that ran, and two bits of a port that changed.
  static std::string covered() {
    return point("line", 20, "block", "20-22", 7) + point("toggle", 9, "data_i[0]", "", 3) +
           point("toggle", 9, "data_i[1]", "", 1);
  }

  // Standard output and error of the script on these counts and exceptions.
  test::ShellResult run(const std::string& counts, const std::string& exceptions = "") {
    test::write_bytes(folder_ / "1.dat", "# SystemC::Coverage-3\n" + counts);
    test::write_bytes(folder_ / "exceptions.toml", exceptions);
    const std::string folder = folder_.path().string();
    return test::run_tool(fmt::format(
        "scripts/coverage-rtl --list --counts '{0}' --exceptions '{0}/exceptions.toml'", folder));
  }

  void expect(int exit_code, const std::string& message, const test::ShellResult& result) const {
    EXPECT_EQ(result.exit_code, exit_code) << result.output;
    EXPECT_NE(result.output.find(message), std::string::npos) << result.output;
  }

  test::TemporaryFolder folder_;
};

TEST_F(CoverageScript, EverythingIsCovered) {
  expect(0, "| `rtl/common/skid_buffer.sv` | 3 | 100.0 % | 2 | 100.0 % |", run(covered()));
}

TEST_F(CoverageScript, AnUncoveredLineIsAnError) {
  const std::string branch = point("branch", 21, "else", "21", 0);
  expect(1, "rtl/common/skid_buffer.sv:21: not covered", run(covered() + branch));
  expect(1, "| all | 3 | 66.7 % | 2 | 100.0 % |", run(covered() + branch));
}

// An `else` that is not written belongs to the line of its `if`.
TEST_F(CoverageScript, AnElseThatIsNotWrittenCounts) {
  expect(1, "rtl/common/skid_buffer.sv:22: not covered",
         run(covered() + point("branch", 22, "else", "", 0)));
}

// Counts of several processes and instances are added.
TEST_F(CoverageScript, WhatOneProcessCoversIsCovered) {
  test::write_bytes(folder_ / "2.dat", point("line", 23, "block", "23", 2));
  expect(0, "| all | 4 | 100.0 % |", run(covered() + point("line", 23, "block", "23", 0)));
}

TEST_F(CoverageScript, AnUnchangedBitOfAPortIsAnErrorBelowTheTarget) {
  const std::string bit = point("toggle", 9, "data_i[2]", "", 0);
  expect(1, "rtl/common/skid_buffer.sv: data_i[2] unchanged", run(covered() + bit));
  expect(1, "| `rtl/common/skid_buffer.sv` | `data_i[2]` |", run(covered() + bit));
  // Signals inside are none of its business.
  expect(0, "| 2 | 100.0 % |", run(covered() + point("toggle", 15, "full_q", "", 0)));
}

TEST_F(CoverageScript, AnExceptionIsLeftOut) {
  const std::string exception =
      "[[exception]]\nfile = 'rtl/common/skid_buffer.sv'\nports = ['data_i[3:2]']\nreason = "
      "'why'\n";
  expect(0, "| `rtl/common/skid_buffer.sv` | `data_i[3:2]` | 1 | why |",
         run(covered() + point("toggle", 9, "data_i[2]", "", 0), exception));
}

TEST_F(CoverageScript, AnExceptionThatIsNoneIsAnError) {
  const auto exception = [](const std::string& what) {
    return "[[exception]]\nfile = 'rtl/common/skid_buffer.sv'\n" + what + "\nreason = 'why'\n";
  };
  expect(1, "no bit of 'data_i[1]' is uncovered",
         run(covered(), exception("ports = ['data_i[1]']")));
  expect(1, "no line of function 'stages' is uncovered",
         run(covered(), exception("functions = ['stages']")));
  expect(3, "port 'data_i[' found", run(covered(), exception("ports = ['data_i[']")));
  expect(3, "file, functions or ports, and reason expected",
         run(covered(), exception("functions = []")));
  expect(3, "file 'rtl/none.sv' found",
         run(covered(), "[[exception]]\nfile = 'rtl/none.sv'\nfunctions = ['x']\nreason = 'y'\n"));
  expect(3, "exceptions.toml: ", run(covered(), "[[exception]"));
}

TEST_F(CoverageScript, NoCountsAreAnError) {
  expect(3, "no counts of rtl/ found", run(""));
  EXPECT_EQ(test::run_tool("scripts/coverage-rtl --counts /nonexistent").exit_code, 3);
  EXPECT_EQ(test::run_tool("scripts/coverage-rtl --no-such-option").exit_code, 2);
}

}  // namespace
}  // namespace mbm
