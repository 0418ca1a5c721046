// The Verilog as the open tools see it: linted by Verilator, read and elaborated by Yosys, compiled
// and run by Icarus. A tool that is absent skips its tests.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "tests/rtl/tool_run.hpp"
#include "tests/support/files.hpp"
#include "tests/support/paths.hpp"

namespace mbm {
namespace {

using test::design_files;
using test::installed;
using test::ShellResult;

// A tool says nothing about sources that it likes.
void expect_silent_success(const std::string& command) {
  const ShellResult result = test::run_tool(command);
  EXPECT_EQ(result.exit_code, 0) << command;
  EXPECT_EQ(result.output, "") << command;
}

const char* const kTops[] = {"processing_grid", "signed_multiplier", "accelerator"};

// Parameters of compute cores that differ from the default in kind and in every size.
using Parameters = std::vector<std::pair<std::string, int>>;
const Parameters kCores[] = {
    {{"PeKind", 0}, {"Rows", 4}, {"Columns", 4}, {"BusBytes", 8}},
    {{"PeKind", 1}, {"Rows", 2}, {"Columns", 2}, {"Lanes", 1}, {"SumDepth", 16}, {"Kind", 0}},
    {{"PeKind", 2}, {"Rows", 4}, {"Columns", 2}, {"SumDepth", 32}},
    {{"PeKind", 2},
     {"Rows", 4},
     {"Columns", 8},
     {"Lanes", 8},
     {"BusBytes", 4},
     {"TableEntries", 1},
     {"ActivationDepth", 4096},
     {"OutputDepth", 1024},
     {"ParameterDepth", 64}}};

// Each parameter as an option of a tool: " -GName=value" of " -G" and "=".
std::string options(const Parameters& parameters, const std::string& before,
                    const std::string& between) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += fmt::format("{}{}{}{}", before, name, between, value);
  }
  return text;
}

// A configuration of every family (mbm_pkg::FAMILY_*): family, ParameterA, ParameterB.
const std::array<int, 3> kMultipliers[] = {{0, 0, 0}, {1, 2, 1}, {2, 0, 0}, {2, 3, 0}, {3, 0, 0},
                                           {4, 2, 4}, {5, 2, 0}, {6, 0, 0}, {6, 6, 0}, {7, 1, 8},
                                           {8, 6, 0}, {9, 0, 3}, {9, 3, 7}};

TEST(RtlLint, EveryFileIsListed) {
  const std::string listed = design_files() + design_files("rtl/boards.f");
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
        "verilator --lint-only -Wall -f rtl/files.f --top-module processing_grid -GRows=2 "
        "-GColumns=8 "
        "-GTwoStage=1 -GKind=" +
        kind);
  }
  for (const Parameters& core : kCores) {
    expect_silent_success(
        "verilator --lint-only -Wall -f rtl/files.f --top-module accelerator_core" +
        options(core, " -G", "="));
  }
  for (const auto& [family, a, b] : kMultipliers) {
    expect_silent_success(
        fmt::format("verilator --lint-only -Wall -f rtl/files.f --top-module signed_multiplier "
                    "-GTwoStage=1 -GFamily={} -GParameterA={} -GParameterB={}",
                    family, a, b));
  }
}

TEST(RtlLint, VerilatorSeesAFault) {
  if (!installed("verilator")) GTEST_SKIP() << "skipped: verilator is not installed";
  EXPECT_NE(test::run_tool(
                "verilator --lint-only -Wall -f rtl/files.f --top-module processing_grid -GRows=0")
                .exit_code,
            0);
}

TEST(RtlLint, Yosys) {
  if (!installed("yosys")) GTEST_SKIP() << "skipped: yosys is not installed";
  for (const std::string top : kTops) {
    expect_silent_success("yosys -q -p 'read_verilog -sv" + design_files() +
                          "; hierarchy -check -top " + top + "; proc; check -assert'");
  }
  for (const Parameters& core : kCores) {
    expect_silent_success("yosys -q -p 'read_verilog -sv" + design_files() +
                          "; hierarchy -check -top accelerator_core" +
                          options(core, " -chparam ", " ") + "; proc; check -assert'");
  }
  for (const auto& [family, a, b] : kMultipliers) {
    expect_silent_success(
        fmt::format("yosys -q -p 'read_verilog -sv{}; hierarchy -check -top multiplier -chparam "
                    "Family {} -chparam ParameterA {} -chparam ParameterB {}; proc; check -assert'",
                    design_files(), family, a, b));
  }
}

TEST(RtlLint, Icarus) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  for (const std::string top : kTops) {
    expect_silent_success("iverilog -g2012 -Wall -o /dev/null -s " + top + design_files());
  }
  for (const Parameters& core : kCores) {
    expect_silent_success("iverilog -g2012 -Wall -o /dev/null -s accelerator_core" +
                          options(core, " -Paccelerator_core.", "=") + design_files());
  }
  for (const auto& [family, a, b] : kMultipliers) {
    expect_silent_success(
        fmt::format("iverilog -g2012 -Wall -o /dev/null -s multiplier -Pmultiplier.Family={} "
                    "-Pmultiplier.ParameterA={} -Pmultiplier.ParameterB={}{}",
                    family, a, b, design_files()));
  }
}

// Name, family, ParameterA.
using Configuration = std::tuple<std::string, int, int>;

class IcarusMultiplier : public testing::TestWithParam<Configuration> {
 protected:
  // Writes the model's table, one entry flipped if wanted, runs the bench on every third pair.
  static std::string simulate(const Configuration& configuration, bool flip) {
    const auto& [multiplier, family, parameter_a] = configuration;
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
    const ShellResult compiled =
        test::run_tool(fmt::format("iverilog -g2012 -Wall -Pmultiplier_table_tb.Family={} "
                                   "-Pmultiplier_table_tb.ParameterA={} -o {} -s "
                                   "multiplier_table_tb{} testbench/multiplier_table_tb.sv",
                                   family, parameter_a, program, design_files()));
    EXPECT_EQ(compiled.exit_code, 0) << compiled.output;
    const ShellResult result = test::run_tool(
        fmt::format("vvp {} +table={}/products.hex +stride=3", program, folder.string()));
    EXPECT_EQ(result.exit_code, 0);
    std::filesystem::remove_all(folder);
    return result.output;
  }
};

TEST_P(IcarusMultiplier, EqualsTableOfTheModel) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  EXPECT_EQ(simulate(GetParam(), false), "compared 21846, differences 0\n");
}

TEST_P(IcarusMultiplier, OneFlippedEntryIsSeen) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  EXPECT_NE(simulate(GetParam(), true).find("differences 1\n"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Rtl, IcarusMultiplier,
                         testing::Values(Configuration{"mitchell", 1, 0},
                                         Configuration{"mbm", 2, 0}, Configuration{"mbm-ref", 3, 0},
                                         Configuration{"log2-corrected:w7", 6, 0}),
                         [](const auto& instance) {
                           std::string name = std::get<0>(instance.param);
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

// The timing diagram of docs/array.md is what the Verilog does.
TEST(ArrayDocumentation, TimingDiagramIsThatOfTheSimulation) {
  if (!installed("iverilog")) GTEST_SKIP() << "skipped: iverilog is not installed";
  const ShellResult waves = test::run_tool(
      "iverilog -g2012 -Wall -o /dev/stdout -s array_wave_tb -f rtl/files.f "
      "testbench/array_wave_tb.sv | vvp /dev/stdin");
  ASSERT_EQ(waves.exit_code, 0) << waves.output;
  EXPECT_NE(test::read_bytes(test::source_folder() / "docs" / "array.md").find(waves.output),
            std::string::npos)
      << waves.output;
}

}  // namespace
}  // namespace mbm
