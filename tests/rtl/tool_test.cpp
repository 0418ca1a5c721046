// The Verilog as the open tools see it: linted by Verilator, read and elaborated by Yosys, compiled
// and run by Icarus. A tool that is absent skips its tests.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "cmodel/multiplier/product_table.hpp"
#include "tests/support/paths.hpp"

namespace mbm {
namespace {

struct ToolRun {
  int status = 0;
  std::string output;  // standard output and error
};

ToolRun run(const std::string& command) {
  const std::string line =
      "cd '" + test::source_folder().string() + "' && ( " + command + " ) 2>&1";
  ToolRun result;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) result.output += buffer;
  result.status = pclose(pipe);
  return result;
}

bool installed(const std::string& tool) {
  return run("command -v " + tool).status == 0;
}

// The files of the design, in the order that the tools need.
std::string design_files() {
  std::ifstream list(test::source_folder() / "rtl/files.f");
  std::string files;
  for (std::string file; std::getline(list, file);) files += " " + file;
  return files;
}

// A tool says nothing about sources that it likes.
void expect_silent_success(const std::string& command) {
  const ToolRun result = run(command);
  EXPECT_EQ(result.status, 0) << command;
  EXPECT_EQ(result.output, "") << command;
}

const char* const kTops[] = {"mbm_array", "mbm_multiplier", "mitchell_multiplier",
                             "log_multiplier"};

TEST(RtlLint, EveryFileIsListed) {
  const std::string listed = design_files();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(test::source_folder() / "rtl")) {
    if (entry.path().extension() != ".sv") continue;
    const auto relative = std::filesystem::relative(entry.path(), test::source_folder());
    EXPECT_NE(listed.find(fmt::format(" {}", relative.string())), std::string::npos) << relative;
  }
}

TEST(RtlLint, Verilator) {
  if (!installed("verilator")) GTEST_SKIP() << "skipped: verilator is not installed";
  for (const std::string top : kTops) {
    expect_silent_success("verilator --lint-only -Wall -f rtl/files.f --top-module " + top);
  }
  for (const std::string kind : {"0", "1", "2"}) {
    expect_silent_success(
        "verilator --lint-only -Wall -f rtl/files.f --top-module mbm_array -GRows=2 -GColumns=8 "
        "-GTwoStage=1 -GKind=" +
        kind);
  }
}

TEST(RtlLint, VerilatorSeesAFault) {
  if (!installed("verilator")) GTEST_SKIP() << "skipped: verilator is not installed";
  EXPECT_NE(
      run("verilator --lint-only -Wall -f rtl/files.f --top-module mbm_array -GRows=0").status, 0);
}

TEST(RtlLint, Yosys) {
  if (!installed("yosys")) GTEST_SKIP() << "skipped: yosys is not installed";
  for (const std::string top : kTops) {
    expect_silent_success("yosys -q -p 'read_verilog -sv" + design_files() +
                          "; hierarchy -check -top " + top + "; proc; check -assert'");
  }
}

TEST(RtlLint, Icarus) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  for (const std::string top : kTops) {
    expect_silent_success("iverilog -g2012 -Wall -o /dev/null -s " + top + design_files());
  }
}

class IcarusMultiplier : public testing::TestWithParam<std::pair<const char*, int>> {
 protected:
  // Writes the model's table, one entry flipped if wanted, runs the bench on every third pair.
  static std::string simulate(const std::string& multiplier, int kind, bool flip) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        fmt::format("mbm_icarus_{}_{}_{}", multiplier, flip, ::getpid());
    std::filesystem::create_directories(folder);
    const ProductTable table = make_product_table(multiplier);
    std::ofstream hex(folder / "products.hex");
    for (std::size_t i = 0; i < ProductTable::kEntries; ++i) {
      hex << fmt::format("{:04x}\n", table.products()[i] ^ (flip && i == 30000 ? 1 : 0));
    }
    hex.close();
    const std::string program = (folder / "bench.vvp").string();
    const ToolRun compiled =
        run(fmt::format("iverilog -g2012 -Wall -Pmultiplier_table_tb.Kind={} -o {} -s "
                        "multiplier_table_tb{} testbench/multiplier_table_tb.sv",
                        kind, program, design_files()));
    EXPECT_EQ(compiled.status, 0) << compiled.output;
    const ToolRun result =
        run(fmt::format("vvp {} +table={}/products.hex +stride=3", program, folder.string()));
    EXPECT_EQ(result.status, 0);
    std::filesystem::remove_all(folder);
    return result.output;
  }
};

TEST_P(IcarusMultiplier, EqualsTableOfTheModel) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  EXPECT_EQ(simulate(GetParam().first, GetParam().second, false),
            "compared 21846, differences 0\n");
}

TEST_P(IcarusMultiplier, OneFlippedEntryIsSeen) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  EXPECT_NE(simulate(GetParam().first, GetParam().second, true).find("differences 1\n"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Rtl, IcarusMultiplier,
                         testing::Values(std::pair{"mitchell", 0}, std::pair{"mbm", 1},
                                         std::pair{"mbm-ref", 2}),
                         [](const auto& instance) {
                           std::string name = instance.param.first;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace mbm
