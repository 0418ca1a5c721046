// What `cmake --install` puts into a prefix works there: the program with its own data and
// accelerators, the golden model as a library of another project.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/command.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

// Standard output and standard error of a line of the shell.
test::ShellResult run(const std::string& line) {
  return test::run_shell("( " + line + " ) 2>&1");
}

class Installation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder;
    const test::ShellResult result =
        run("cmake --install " + test::build_folder().string() + " --prefix " + prefix());
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  static void TearDownTestSuite() { delete folder_; }

  static std::string prefix() { return (*folder_ / "prefix").string(); }
  static std::string program() { return prefix() + "/bin/mbm"; }

  static test::TemporaryFolder* folder_;
};

test::TemporaryFolder* Installation::folder_ = nullptr;

TEST_F(Installation, HasProgramManualCompletionAndLicence) {
  for (const char* file :
       {"bin/mbm", "lib/mbm/accelerators/16x16-log-mbm.so", "share/mbm/data/default/rooms",
        "share/mbm/rtl/files.f", "share/man/man1/mbm.1.gz", "share/bash-completion/completions/mbm",
        "share/doc/mbm/copyright", "lib/libmbm_cmodel.a", "lib/cmake/mbm/mbm-config.cmake",
        "include/mbm/cmodel/multiplier/multiplier.hpp"}) {
    EXPECT_TRUE(fs::exists(fs::path(prefix()) / file)) << file;
  }
  EXPECT_EQ(run("bash -n " + prefix() + "/share/bash-completion/completions/mbm").exit_code, 0);
  const test::ShellResult page = run("gunzip -c " + prefix() + "/share/man/man1/mbm.1.gz");
  EXPECT_TRUE(page.output.starts_with(".TH MBM 1")) << page.output.substr(0, 80);
}

// Nothing is read from the source and build tree: what is missing in the prefix is missed.
TEST_F(Installation, ProgramReadsItsOwnDataAndAccelerators) {
  const test::ShellResult version = run(program() + " --version");
  EXPECT_NE(version.output.find("data and Verilog: " + prefix() + "/share/mbm"), std::string::npos)
      << version.output;
  EXPECT_NE(version.output.find("accelerators: 16x16-exact"), std::string::npos) << version.output;

  const test::ShellResult result = run(program() + " run --network lenet5 --images 20");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const fs::path digits = fs::path(prefix()) / "share/mbm/data/default/digits";
  fs::rename(digits, digits.string() + ".away");
  const test::ShellResult missing = run(program() + " run --network lenet5 --images 20");
  fs::rename(digits.string() + ".away", digits);
  EXPECT_EQ(missing.exit_code, 3) << missing.output;
  EXPECT_NE(missing.output.find(digits.string()), std::string::npos) << missing.output;
}

TEST_F(Installation, InstalledAcceleratorSimulates) {
  const test::ShellResult result =
      run(program() + " simulate --network lenet5 --layers C5 --cell exact");
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

// The example project of the repository, as a user would build it.
TEST_F(Installation, ExampleFindsThePackageAndRuns) {
  const std::string build = (*folder_ / "example").string();
  const std::string source = (test::source_folder() / "examples/golden-model").string();
  const std::string configure = "cmake -S " + source + " -B " + build + " -G Ninja ";
  EXPECT_NE(run(configure + "-DCMAKE_PREFIX_PATH=/nonexistent").exit_code, 0);
  fs::remove_all(build);
  const test::ShellResult built =
      run(configure + "-DCMAKE_PREFIX_PATH=" + prefix() + " && cmake --build " + build);
  ASSERT_EQ(built.exit_code, 0) << built.output;
  const test::ShellResult result = run(build + "/own_multiplier");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  // Of a * b with both lowest bits dropped the worst is 255 * 255 - 254 * 254 = 509.
  EXPECT_NE(result.output.find("worst error 509\n"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("mbm: 4608 sums equal on both engines"), std::string::npos)
      << result.output;
}

// cpack's packages: what they need is found out from the program, and the library is apart.
TEST(InstallationSlow, DebianPackagesSayWhatTheyNeed) {
  const test::TemporaryFolder folder;
  const std::string out = folder.path().string();
  const test::ShellResult made =
      run("cd " + out + " && cpack -G DEB --config " +
          (test::build_folder() / "CPackConfig.cmake").string() + " -B " + out);
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const test::ShellResult program = run("dpkg-deb -f " + out + "/mbm_*.deb Depends");
  EXPECT_NE(program.output.find("libtorch1.13"), std::string::npos) << program.output;
  EXPECT_NE(program.output.find("libfmt9"), std::string::npos) << program.output;
  const test::ShellResult library = run("dpkg-deb -f " + out + "/libmbm-dev_*.deb Depends");
  EXPECT_EQ(library.output, "libfmt-dev\n");
  const test::ShellResult files = run("dpkg-deb -c " + out + "/mbm_*.deb");
  EXPECT_NE(files.output.find("./usr/bin/mbm\n"), std::string::npos);
  EXPECT_EQ(files.output.find(".hpp"), std::string::npos);
}

}  // namespace
}  // namespace mbm
