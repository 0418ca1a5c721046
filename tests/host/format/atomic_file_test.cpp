#include "host/format/atomic_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <string>

#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

std::size_t count_entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

TEST(AtomicFile, WritesWholeFileAndParentFolders) {
  const test::TemporaryFolder folder;
  write_file(folder / "a/b/result.json", "{}");
  write_file(folder / "a/b/result.json", "{\"a\": 1}");
  EXPECT_EQ(test::read_bytes(folder / "a/b/result.json"), "{\"a\": 1}");
  EXPECT_EQ(count_entries(folder / "a/b"), 1U);
}

TEST(AtomicFile, WithoutCommitTheFormerFileStays) {
  const test::TemporaryFolder folder;
  write_file(folder / "result", "old");
  {
    AtomicFile file(folder / "result");
    file.write("new");
    EXPECT_EQ(test::read_bytes(folder / "result"), "old");
  }
  EXPECT_EQ(test::read_bytes(folder / "result"), "old");
  EXPECT_EQ(count_entries(folder.path()), 1U);
}

TEST(AtomicFile, KeepsLinkAndPermissionsOfTheFormerFile) {
  const test::TemporaryFolder folder;
  write_file(folder / "target", "old");
  chmod((folder / "target").c_str(), 0640);
  std::filesystem::create_symlink("target", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(test::read_bytes(folder / "target"), "new");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(folder / "target").permissions()), 0640);
}

TEST(AtomicFile, FullDeviceIsAnErrorOfOneLine) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "skipped: no /dev/full here";
  test::expect_input_error({"cannot write /dev/full: No space left on device"},
                           [] { write_file("/dev/full", "x"); });
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(AtomicFile, FullDiskLeavesNothing) {
  const test::TemporaryFolder folder;
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "skipped: mounting a small tmpfs is not permitted";
  }
  write_file(folder / "result", "old");
  test::expect_input_error(
      {"cannot write " + (folder / "result").string() + ": No space left on device"},
      [&] { write_file(folder / "result", std::string(100'000, 'x')); });
  EXPECT_EQ(test::read_bytes(folder / "result"), "old");
  EXPECT_EQ(count_entries(folder.path()), 1U);
  EXPECT_EQ(umount(folder.path().c_str()), 0);
}

// Needs no privilege: the limit on the size of a file stands for the full disk.
TEST(AtomicFile, FailedWriteLeavesNothing) {
  const test::TemporaryFolder folder;
  rlimit former = {};
  getrlimit(RLIMIT_FSIZE, &former);
  const auto former_handler = signal(SIGXFSZ, SIG_IGN);
  rlimit small = former;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  test::expect_input_error({"cannot write", "result: File too large"},
                           [&] { write_file(folder / "result", std::string(100'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &former);
  signal(SIGXFSZ, former_handler);
  EXPECT_EQ(count_entries(folder.path()), 0U);
}

TEST(AtomicFile, ImpossibleTargetsAreErrors) {
  const test::TemporaryFolder folder;
  write_file(folder / "file", "x");
  test::expect_input_error({"cannot write", "Not a directory"},
                           [&] { write_file(folder / "file/below", "x"); });
  test::expect_input_error({"cannot write " + folder.path().string() + ": Is a directory"},
                           [&] { write_file(folder.path(), "x"); });
}

}  // namespace
}  // namespace mbm
