// mbm doctor: what it says of tools that are there, that are not, and that are broken.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.hpp"

namespace mbm {
namespace {

nlohmann::json finding(const nlohmann::json& document, const char* list, const char* subject) {
  for (const nlohmann::json& entry : document.at(list)) {
    if (entry.at("subject") == subject) return entry;
  }
  ADD_FAILURE() << subject << " is not in " << document.dump();
  return {};
}

// `environment` stands before the command, as in "PATH=/folder".
nlohmann::json diagnosis(const std::string& environment) {
  const test::ShellResult result =
      test::run_shell(environment + " " + test::mbm_binary().string() + " doctor --format json");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return nlohmann::json::parse(result.output);
}

// A tool in $PATH is found with the version it prints; twin: with an empty $PATH it is missing.
TEST(DoctorCommand, FindsToolsAndSaysWhereMissingOnesComeFrom) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "yosys", "#!/bin/sh\necho Yosys 12.34 of the test\n");
  test::write_bytes(folder / "sta", "#!/bin/sh\nexit 3\n");
  for (const char* tool : {"yosys", "sta"}) {
    std::filesystem::permissions(folder / tool, std::filesystem::perms::owner_all);
  }
  const nlohmann::json found = diagnosis("PATH=" + (folder / "yosys").parent_path().string());
  EXPECT_EQ(finding(found, "tools", "yosys")["found"], true);
  EXPECT_EQ(finding(found, "tools", "yosys")["detail"], "Yosys 12.34 of the test");
  EXPECT_EQ(finding(found, "tools", "sta")["detail"], (folder / "sta").string());
  EXPECT_EQ(finding(found, "tools", "verilator")["found"], false);

  const nlohmann::json missing = diagnosis("PATH=/nonexistent");
  EXPECT_EQ(finding(missing, "tools", "yosys")["found"], false);
  EXPECT_EQ(finding(missing, "tools", "yosys")["detail"], "apt-get install yosys");
}

TEST(DoctorCommand, FindsTheDataThatIsThere) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "mnist");
  const nlohmann::json document = diagnosis("MBM_DATA=" + (folder / "").string());
  EXPECT_EQ(finding(document, "data", "mnist")["found"], true);
  EXPECT_EQ(finding(document, "data", "liberty")["found"], false);
  EXPECT_EQ(finding(diagnosis("env -u MBM_DATA"), "data", "mnist")["found"], false);
}

}  // namespace
}  // namespace mbm
