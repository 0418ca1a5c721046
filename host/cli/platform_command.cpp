#include "host/cli/platform_command.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "host/cli/platform_network.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/format/atomic_file.hpp"
#include "host/platform/platform_study.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

PlatformStudy study_of(const PlatformCommand& command) {
  return {.command = result_command(),
          .file = command.file,
          .network = command.network,
          .layers = command.layers,
          .multiplier = command.multiplier,
          .device = command.device,
          .cost = command.cost,
          .seed = command.seed,
          .out = command.out,
          .make_network =
              [command] { return platform_network(command.network, command.layers, command.seed); },
          .show = {}};
}

void run_sweep(const PlatformCommand& command, const std::vector<std::string>& vary) {
  PlatformStudy study = study_of(command);
  std::optional<Progress> progress;
  study.show = [&progress](std::size_t done, std::size_t all) {
    if (!progress) progress.emplace("platforms", all);
    if (done > 0) progress->advance();
  };
  const std::string table = sweep_platforms(study, vary);
  if (command.out.empty()) {
    fmt::print("{}", table);
  } else {
    fmt::print(stderr, "results: {}/result.json, points.csv, roofline.svg, pareto.svg{}\n",
               command.out, command.cost.empty() ? "" : ", energy.svg");
  }
}

}  // namespace

void simulate_platform(const PlatformCommand& command) {
  const PlatformForms forms = study_platform(study_of(command));
  put_result({forms.json, forms.text, forms.csv}, command.format, command.out);
  if (command.out.empty()) return;
  write_file(std::filesystem::path(command.out) / "roofline.svg", forms.roofline);
}

void add_component_costs_option(CLI::App& command, std::string& file) {
  command.add_option("--cost", file,
                     "result.json of 'mbm cost components': energy of a platform's image");
}

void add_sweep_platform_command(CLI::App& sweep) {
  CLI::App* command = sweep.add_subcommand(
      "platform",
      "A network on SystemC platforms that differ in the keys of the table [sweep], or of --vary;\n"
      "a folder --out is taken up again\n"
      "Example: mbm sweep platform --platform platform.toml --network densedepth-mobilenetv2\n"
      "         --layers decoder --vary memory.bytes_per_cycle=1,4,16 --out results/platform");
  auto options = std::make_shared<PlatformCommand>();
  auto vary = std::make_shared<std::vector<std::string>>();
  command->add_option("--platform", options->file, "TOML file (docs/platform.md)")->required();
  command->add_option("--network", options->network, "Built-in network or ONNX file")->required();
  command->add_option("--layers", options->layers, kLayersHelp)->capture_default_str();
  command->add_option("--multiplier", options->multiplier,
                      "Products (default: exact for cells exact, else mbm)");
  add_component_costs_option(*command, options->cost);
  command->add_option("--seed", options->seed, "Of random parameters")->capture_default_str();
  command->add_option("--vary", *vary, "KEY=VALUE,VALUE,...; may be given several times");
  command->add_option("--out", options->out, "Folder for table and pictures; else standard output");
  command->callback([options, vary] { run_sweep(*options, *vary); });
}

}  // namespace mbm
