// The one source of registers and commands, and what scripts/generate-registers makes of it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cmodel/array/registers.hpp"
#include "tests/rtl/tool_run.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using test::ShellResult;

constexpr const char* kSource = "rtl/control/registers.toml";

// Runs the generator's check on the description with the first `old_text` replaced.
ShellResult check_changed(const std::string& old_text, const std::string& new_text) {
  const test::TemporaryFolder folder;
  std::string text = test::read_bytes(test::source_folder() / kSource);
  const std::size_t place = text.find(old_text);
  EXPECT_NE(place, std::string::npos) << old_text;
  text.replace(place, old_text.size(), new_text);
  test::write_bytes(folder / "changed.toml", text);
  return test::run_tool(fmt::format("scripts/generate-registers --check --source {}",
                                    (folder / "changed.toml").string()));
}

// The line, from 1, of the first place of `text` in the description.
int line_of(const std::string& text) {
  const std::string source = test::read_bytes(test::source_folder() / kSource);
  return 1 + static_cast<int>(std::count(
                 source.begin(), source.begin() + static_cast<long>(source.find(text)), '\n'));
}

void expect_refused(const ShellResult& result, const std::string& place,
                    const std::string& message) {
  EXPECT_EQ(result.exit_code, 3) << result.output;
  EXPECT_NE(result.output.find(place), std::string::npos) << result.output;
  EXPECT_NE(result.output.find(message), std::string::npos) << result.output;
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result.output;
}

TEST(Registers, GeneratedFilesAreThoseOfTheDescription) {
  const ShellResult result = test::run_tool("scripts/generate-registers --check");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(result.output, "");
}

TEST(Registers, AChangedDescriptionChangesEveryFile) {
  const ShellResult result = check_changed("least = 1, most = 65535, meaning = \"rows\"",
                                           "least = 2, most = 65535, meaning = \"rows\"");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.output.find("rtl/control/command_check.sv is not"), std::string::npos);
  EXPECT_NE(result.output.find("cmodel/array/registers.hpp is not"), std::string::npos);
  EXPECT_NE(result.output.find("docs/registers.md is not"), std::string::npos);
}

TEST(Registers, OverlapsAreRefusedWithTheirLine) {
  const std::string rows = "{ name = \"ROWS\", word = 6, lsb = 0, bits = 16, least = 1";
  expect_refused(check_changed(rows, "{ name = \"ROWS\", word = 6, lsb = 0, bits = 17, least = 1"),
                 fmt::format("changed.toml:{}: ", line_of(rows) + 1),
                 "bit 16 of word 6 is in FORMAT and in ROWS");
  const std::string reset = "{ name = \"RESET\", lsb = 1,";
  expect_refused(check_changed(reset, "{ name = \"RESET\", lsb = 0,"),
                 fmt::format("changed.toml:{}: ", line_of(reset)),
                 "bit 0 is in RESET and in START");
  const std::string version = "address = 0x004";
  expect_refused(check_changed(version, "address = 0x000"),
                 fmt::format("changed.toml:{}: ", line_of(version) - 1),
                 "address 0x000 of VERSION");
  const std::string header = "name = \"ADDRESS\", word = 4, lsb = 0, bits = 32, meaning";
  expect_refused(check_changed(header, "name = \"ADDRESS\", word = 2, lsb = 0, bits = 32, meaning"),
                 fmt::format("changed.toml:{}: ", line_of(header)), "of word 2 is in ADDRESS");
}

TEST(Registers, OtherMistakesAreRefusedWithTheirLine) {
  const std::string format = "{ name = \"FORMAT\", word = 6, lsb = 16, bits = 2";
  const std::string at = fmt::format("changed.toml:{}: ", line_of(format));
  expect_refused(check_changed(format, "{ name = \"format\", word = 6, lsb = 16, bits = 2"), at,
                 "expected capitals");
  expect_refused(check_changed(format, "{ name = \"FORMAT\", word = 16, lsb = 16, bits = 2"), at,
                 "word is 16");
  expect_refused(check_changed(format, "{ name = \"FORMAT\", word = 6, lsb = 31, bits = 2"), at,
                 "bits is 2, expected 1..1");
  expect_refused(check_changed(format, "{ name = \"FORMAT\", wort = 6, lsb = 16, bits = 2"), at,
                 "key 'word' is missing");
  expect_refused(
      check_changed(format, "{ name = \"FORMAT\", word = 6, lsb = 16, bits = 2, most = 9"), at,
      "most is 9, expected 0..3");
  expect_refused(check_changed("opcode = 2\n", "opcode = 1\n"),
                 fmt::format("changed.toml:{}: ", line_of("opcode = 2\n") - 1),
                 "opcode 1 is already LOAD_ACTIVATIONS");
  expect_refused(check_changed("address_bits = 12", "address_bits = "),
                 "changed.toml: ", "line 14");
}

TEST(Registers, HeaderHoldsWhatTheDescriptionSays) {
  std::set<std::uint32_t> addresses;
  for (const registers::Register& one : registers::kRegisters) {
    EXPECT_TRUE(addresses.insert(one.address).second) << one.name;
    EXPECT_LT(one.address, 1U << registers::kAddressBits);
  }
  EXPECT_EQ(registers::kId, 0U);
  EXPECT_EQ(registers::kRegisters[0].reset, 0x6d626d31U);  // "mbm1"
  EXPECT_EQ(registers::status::kErrorCode.lsb, 8);
  EXPECT_EQ(registers::store::kSource.word, 8);
  EXPECT_EQ(registers::kCounters.front().name, "CYCLES");
  std::set<int> causes;
  for (const registers::Counter& one : registers::kCounters) {
    if (one.cause >= 0) causes.insert(one.cause);
  }
  EXPECT_EQ(causes.size(), 9U);  // the table of docs/accelerator.md, section 8
}

}  // namespace
}  // namespace mbm
