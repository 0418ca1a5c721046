// mbm doctor: what this machine has of what mbm can use, and what a missing piece would enable.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/cli/build_information.hpp"
#include "host/cli/commands.hpp"
#include "host/process/child_process.hpp"

namespace mbm {
namespace {

namespace fs = std::filesystem;

constexpr int kSeconds = 20;  // for a tool to say its version

struct Tool {
  const char* program;
  std::vector<std::string> version_arguments;
  const char* package;  // of Debian
  const char* enables;
};

const std::vector<Tool>& tools() {
  static const std::vector<Tool> kTools{
      {"verilator", {"--version"}, "verilator", "building the simulated accelerator"},
      {"yosys", {"-V"}, "yosys", "synthesis, proofs, bitstreams"},
      {"iverilog", {"-V"}, "iverilog", "simulation of netlists"},
      {"sta", {"-version"}, "opensta", "timing reports"},
      {"berkeley-abc", {}, "berkeley-abc", "proofs (optional)"},
      {"cvc4", {"--version"}, "cvc4", "proofs of the accelerator's properties"},
      {"nextpnr-ice40", {"--version"}, "nextpnr-ice40", "bitstreams for iCE40 boards"},
      {"icepack", {}, "fpga-icestorm", "bitstreams for iCE40 boards"},
      {"openFPGALoader", {"--Version"}, "openfpgaloader", "programming a board"},
      {"clang-tidy", {"--version"}, "clang-tidy", "scripts/lint"},
  };
  return kTools;
}

struct DataSet {
  const char* folder;
  const char* enables;
};

constexpr std::array kDataSets{
    DataSet{"nyu/test", "depth studies on NYU Depth v2"},
    DataSet{"nyu/train", "calibration and training on NYU Depth v2"},
    DataSet{"densedepth-mobilenetv2", "the depth study's network"},
    DataSet{"fastdepth", "FastDepth in integers"},
    DataSet{"mnist", "digits: LeNet-5"},
    DataSet{"lenet", "LeNet-5's trained weights"},
    DataSet{"evoapprox", "multipliers of EvoApproxLib"},
    DataSet{"liberty", "cost on sky130 and Nangate45"},
};

// One line of the diagnosis.
struct Finding {
  std::string subject;
  bool found;
  std::string detail;  // a version or a place; of what is missing, how to get it
  std::string enables;
};

// The first line that says something of what the tool prints about its version.
std::string version_of(const std::string& path, const std::vector<std::string>& arguments) {
  if (arguments.empty()) return path;
  std::vector<std::string> command{path};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ProcessResult result = run_process(command, kSeconds);
  const std::string text = result.output + result.errors;
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == std::string::npos) return path;
  return text.substr(first, text.find('\n', first) - first);
}

Finding find_tool(const Tool& tool) {
  const auto path = find_program(tool.program);
  if (!path) {
    return {tool.program, false, fmt::format("apt-get install {}", tool.package), tool.enables};
  }
  try {
    return {tool.program, true, version_of(*path, tool.version_arguments), tool.enables};
  } catch (const Error& error) {
    return {tool.program, false, error.what(), tool.enables};
  }
}

std::vector<Finding> find_data() {
  const char* variable = std::getenv("MBM_DATA");
  const fs::path folder = variable != nullptr ? fs::path(variable) : fs::path();
  std::vector<Finding> findings;
  for (const DataSet& data : kDataSets) {
    const bool found = variable != nullptr && fs::exists(folder / data.folder);
    findings.push_back({data.folder, found,
                        found                 ? (folder / data.folder).string()
                        : variable == nullptr ? "set MBM_DATA to the folder of the reference data"
                                              : "not in " + folder.string(),
                        data.enables});
  }
  return findings;
}

std::vector<Finding> find_tools() {
  std::vector<Finding> findings;
  for (const Tool& tool : tools()) findings.push_back(find_tool(tool));
  return findings;
}

nlohmann::json findings_json(const std::vector<Finding>& findings) {
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"subject", finding.subject},
                    {"found", finding.found},
                    {"detail", finding.detail},
                    {"enables", finding.enables}});
  }
  return list;
}

void print_findings(const char* title, const std::vector<Finding>& findings) {
  fmt::print("\n{}\n", title);
  for (const Finding& finding : findings) {
    fmt::print("  {:<8} {:<24} {:<44} {}\n", finding.found ? "found" : "missing", finding.subject,
               finding.enables, finding.detail);
  }
}

void diagnose(const std::string& format) {
  const std::vector<Finding> found_tools = find_tools();
  const std::vector<Finding> found_data = find_data();
  if (format == "json") {
    nlohmann::json document = build_information();
    document["schema"] = "mbm.doctor";
    document["schema_version"] = 1;
    document["tools"] = findings_json(found_tools);
    document["data"] = findings_json(found_data);
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("{}\n", describe(build_information()));
  print_findings("tools", found_tools);
  print_findings("reference data (optional)", found_data);
  const auto missing = std::count_if(found_tools.begin(), found_tools.end(),
                                     [](const Finding& finding) { return !finding.found; });
  fmt::print("\n{}\n", missing == 0
                           ? "All tools are there."
                           : fmt::format("{} tools are missing; mbm run, sweep, calibrate and "
                                         "report need none of them.",
                                         missing));
}

}  // namespace

void add_doctor_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "doctor",
      "What this machine has of the tools and data that mbm can use, and what a missing one would "
      "enable\nExample: mbm doctor --format json");
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([format] { diagnose(*format); });
}

}  // namespace mbm
