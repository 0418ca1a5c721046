// mbm cost area|timing|energy|components|network; compare is in cost_compare.cpp
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "cmodel/energy/operation_counts.hpp"
#include "host/cli/cost_command.hpp"
#include "host/cli/cost_layers.hpp"
#include "host/cli/format_option.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/cost/cost_charts.hpp"
#include "host/cost/cost_report.hpp"
#include "host/format/atomic_file.hpp"
#include "host/process/interruption.hpp"
#include "host/progress/progress.hpp"

namespace mbm {
namespace {

constexpr const char* kDesignHelp =
    "A module of rtl/, a multiplier as in 'mbm multiplier list' or a table file, "
    "exact[-dadda|-booth][:W], or pe/ELEMENT (docs/cost.md)";

// What all of them take.
struct CostOptions {
  std::vector<std::string> designs;
  std::vector<std::string> parameters;
  std::string library = "osu018";
  std::string cache;
  double clock_ns = 0;
  std::string format = "text";
  std::string out;
};

void add_common_options(CLI::App& command, CostOptions& options) {
  command
      .add_option("--liberty", options.library,
                  "Cell library: osu018, osu035 (Debian packages qflow-tech-...) or a Liberty file")
      ->capture_default_str();
  command.add_option("--cache", options.cache,
                     "Folder that keeps netlists (default: ~/.cache/mbm/cost)");
  add_format_option(command, options.format);
  command.add_option("--out", options.out, "Folder that gets all forms of the result");
}

void add_clock_option(CLI::App& command, CostOptions& options) {
  command
      .add_option("--clock-ns", options.clock_ns,
                  "Period to meet with the smallest netlist (default: smallest area)")
      ->check(CLI::PositiveNumber);
}

void add_parameter_option(CLI::App& command, CostOptions& options) {
  command.add_option("--parameter", options.parameters, "NAME=VALUE of a module of rtl/")
      ->delimiter(',');
}

std::map<std::string, std::int64_t> parse_parameters(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> result;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    if (equals == std::string::npos ||
        std::from_chars(text.data() + equals + 1, end, value).ptr != end || value < 0 ||
        equals + 1 == text.size()) {
      fail(ErrorKind::usage, "--parameter: '{}' found, NAME=NUMBER expected", text);
    }
    result[text.substr(0, equals)] = value;
  }
  return result;
}

Synthesiser make_synthesiser(const CostOptions& options) {
  say_when_interrupted(
      "netlists that are mapped are kept; the same command does not map them again");
  return Synthesiser(std::make_shared<const CostLibrary>(load_cost_library(options.library)),
                     options.cache);
}

CostContext context_of(Synthesiser& synthesiser) {
  CostContext context;
  context.command = result_command();
  context.library = synthesiser.library().name;
  context.library_sha256 = synthesiser.library().file.sha256;
  context.tools = synthesiser.tool_versions();
  context.nand2_um2 = synthesiser.library().file.library.nand2_area_um2();
  return context;
}

MappedModule map_design(Synthesiser& synthesiser, const CostModule& module, double clock_ns) {
  if (clock_ns <= 0) return synthesiser.smallest(module);
  MappedModule mapped = synthesiser.smallest_within(module, clock_ns);
  if (mapped.period_ns > clock_ns) {
    fail(ErrorKind::mismatch, "{}: {:.3f} ns at best, --clock-ns {} not met", module.description(),
         mapped.period_ns, clock_ns);
  }
  return mapped;
}

// --- area and timing

void report_area(const CostOptions& options, bool parts, bool tradeoff) {
  Synthesiser synthesiser = make_synthesiser(options);
  const auto parameters = parse_parameters(options.parameters);
  for (const std::string& name : options.designs) {
    const CostDesign design = find_design(name, parameters);
    AreaReport report;
    report.context = context_of(synthesiser);
    report.design = name;
    if (tradeoff) {
      report.mappings = synthesiser.tradeoff(design.module);
    } else {
      report.mappings.push_back(map_design(synthesiser, design.module, options.clock_ns));
    }
    if (parts) report.parts = synthesiser.hierarchy(design.module);
    std::string folder = options.out;
    if (!folder.empty() && options.designs.size() > 1) {
      std::string file_name = name;
      std::ranges::replace(file_name, '/', '-');
      folder += "/" + file_name;
    }
    put_result({area_json(report).dump(2) + "\n", area_text(report), area_csv(report)},
               options.format, folder);
  }
}

void add_area(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "area",
      "Area of a design from synthesis: um2, NAND2 equivalents, cells, and its period\n"
      "Example: mbm cost area exact-dadda mbm\n"
      "Example: mbm cost area processing_element --parameter FractionBits=4,Kind=0 --parts");
  auto options = std::make_shared<CostOptions>();
  auto parts = std::make_shared<bool>(false);
  command->add_option("designs", options->designs, kDesignHelp)->required();
  add_parameter_option(*command, *options);
  add_common_options(*command, *options);
  add_clock_option(*command, *options);
  command->add_flag("--parts", *parts, "Areas of the modules within, mapped apart");
  command->callback([options, parts] { report_area(*options, *parts, false); });
}

void add_timing(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "timing",
      "Clock of a design: mapped again under tightening constraints, areas against periods of "
      "OpenSTA\n"
      "Example: mbm cost timing pe/fused --liberty nangate45_typ.lib.gz");
  auto options = std::make_shared<CostOptions>();
  command->add_option("designs", options->designs, kDesignHelp)->required();
  add_parameter_option(*command, *options);
  add_common_options(*command, *options);
  command->callback([options] { report_area(*options, false, true); });
}

// --- energy

struct OperandOptions {
  StudyOptions study;
  std::string operands = "uniform";
  SampleOptions sample;
  std::int64_t sampled_rows = 2;
  std::int64_t rows = 16;
  std::int64_t columns = 16;
};

void add_sample_options(CLI::App& command, OperandOptions& options) {
  add_study_options(command, options.study);
  command.add_option("--image", options.sample.image, "Image of the data, from 0")
      ->capture_default_str();
  command.add_option("--tiles", options.sample.tiles, "Weight tiles to sample in a layer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--positions", options.sample.positions, "Positions of a tile, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--element-rows", options.sampled_rows, "Rows of the array to simulate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

struct NamedSample {
  std::string name;
  ArraySample sample;
  std::int64_t products = 0;  // of the layer, for an image
};

std::vector<NamedSample> samples_of(const OperandOptions& options, CostContext& context) {
  std::vector<NamedSample> samples;
  std::string layers = options.operands;
  if (layers == "uniform" || layers.starts_with("uniform,")) {
    samples.push_back(
        {"uniform", uniform_sample(options.rows, options.sample.tiles, options.sample.positions,
                                   options.study.seed + 1)});
    layers = layers.size() > 8 ? layers.substr(8) : "";
  }
  context.seed = options.study.seed;
  context.operands = options.operands;
  if (layers.empty()) return samples;
  const StudyInputs inputs = load_study_inputs(options.study);
  context.inputs = inputs.description;
  const AcceleratorParameters parameters =
      AcceleratorParameters::of_size(options.rows, options.columns);
  for (CostLayer& layer :
       sample_layers(inputs, options.study, parse_layers(*inputs.network, layers), parameters,
                     options.sample)) {
    samples.push_back(
        {layer.name, std::move(layer.sample), count_operations(layer.problem).products});
  }
  return samples;
}

EnergyReport energy_report(const CostOptions& options, const OperandOptions& operands) {
  Synthesiser synthesiser = make_synthesiser(options);
  EnergyReport report;
  report.context = context_of(synthesiser);
  const auto samples = samples_of(operands, report.context);
  Progress progress("energies", options.designs.size() * samples.size());
  for (const std::string& name : options.designs) {
    const CostDesign design = find_design(name, parse_parameters(options.parameters));
    const MappedModule mapped = map_design(synthesiser, design.module, options.clock_ns);
    const MeasurementOptions measure{.sampled_rows = operands.sampled_rows,
                                     .period_ns = options.clock_ns};
    for (const auto& [label, sample, products] : samples) {
      EnergyRow row{name,
                    design.accuracy,
                    std::min(design.form.width, sample.operand_bits),
                    label,
                    products,
                    mapped.netlist.area_um2(),
                    mapped.period_ns,
                    options.clock_ns > 0 ? options.clock_ns : mapped.period_ns,
                    {}};
      if (design.table) {
        row.energy = measure_energy(mapped, design, sample, measure);
      } else if (label == "uniform") {
        row.energy = measure_random_inputs(mapped, 500, operands.study.seed + 1, measure);
      } else {
        fail(ErrorKind::usage, "{}: no multiplier and no element; --operands uniform expected",
             name);
      }
      report.rows.push_back(row);
      progress.advance();
    }
  }
  return report;
}

void add_energy(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "energy",
      "Energy of a design from its netlist's activity on operands, every result checked\n"
      "Example: mbm cost energy exact-dadda mbm --operands uniform,up5.convB");
  auto options = std::make_shared<CostOptions>();
  auto operands = std::make_shared<OperandOptions>();
  command->add_option("designs", options->designs, kDesignHelp)->required();
  add_parameter_option(*command, *options);
  add_common_options(*command, *options);
  add_clock_option(*command, *options);
  command
      ->add_option("--operands", operands->operands,
                   "uniform, layers of the network (as --layers of 'mbm run'), or uniform,LAYERS")
      ->capture_default_str();
  add_sample_options(*command, *operands);
  command->callback([options, operands] {
    const EnergyReport report = energy_report(*options, *operands);
    const nlohmann::json result = energy_json(report);
    put_result({result.dump(2) + "\n", energy_text(report), energy_csv(report)}, options->format,
               options->out);
    if (options->out.empty()) return;
    write_file(options->out + "/energy.svg", chart_file(energy_chart(result)));
  });
}

// --- components and network

struct NetworkCostOptions {
  CostOptions common;
  OperandOptions operands;
  std::string element = "pe/fused";
};

void add_element_options(CLI::App& command, NetworkCostOptions& options) {
  command.add_option("--element", options.element, "Processing element, pe/... (docs/cost.md)")
      ->capture_default_str();
  command.add_option("--rows", options.operands.rows, "Rows of the array")->capture_default_str();
  command.add_option("--columns", options.operands.columns, "Columns of the array")
      ->capture_default_str();
  add_common_options(command, options.common);
  add_clock_option(command, options.common);
}

AcceleratorParameters parameters_of(const NetworkCostOptions& options, const CostDesign& element) {
  if (options.operands.rows > 16) {
    fail(ErrorKind::usage, "--rows: {} found, at most 16 expected (bits of an element's sum)",
         options.operands.rows);
  }
  AcceleratorParameters parameters =
      AcceleratorParameters::of_size(options.operands.rows, options.operands.columns);
  const bool logarithmic = element.form.coding == OperandCoding::logarithm;
  parameters.kind = logarithmic ? ElementKind::log : ElementKind::exact;
  parameters.validate();
  return parameters;
}

void add_components(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "components",
      "Every component of the accelerator: area, energy of its event, method and source\n"
      "Example: mbm cost components --element pe/mbm");
  auto options = std::make_shared<NetworkCostOptions>();
  options->operands.operands = "uniform";
  add_element_options(*command, *options);
  command
      ->add_option("--operands", options->operands.operands, "uniform, or one layer of the network")
      ->capture_default_str();
  add_sample_options(*command, options->operands);
  command->callback([options] {
    const CostDesign element = find_design(options->element, {});
    Synthesiser synthesiser = make_synthesiser(options->common);
    CostContext context = context_of(synthesiser);
    const auto samples = samples_of(options->operands, context);
    const CostedAccelerator accelerator =
        cost_accelerator(synthesiser, element, parameters_of(*options, element),
                         samples.front().sample, options->common.clock_ns);
    put_result({components_json(context, accelerator).dump(2) + "\n",
                components_text(context, accelerator), components_csv(accelerator)},
               options->common.format, options->common.out);
  });
}

NetworkCostReport network_cost(const NetworkCostOptions& options, const std::string& layers) {
  Synthesiser synthesiser = make_synthesiser(options.common);
  NetworkCostReport report;
  report.context = context_of(synthesiser);
  const StudyInputs inputs = load_study_inputs(options.operands.study);
  report.context.inputs = inputs.description;
  report.context.seed = options.operands.study.seed;
  report.network = inputs.network->name();
  const CostDesign element = find_design(options.element, {});
  const AcceleratorParameters parameters = parameters_of(options, element);
  SampleOptions sampling = options.operands.sample;
  sampling.counts = true;
  const std::vector<CostLayer> sampled = sample_layers(
      inputs, options.operands.study, parse_layers(*inputs.network, layers), parameters, sampling);
  report.accelerator =
      cost_accelerator(synthesiser, element, parameters, sampled[sampled.size() / 2].sample,
                       options.common.clock_ns);
  const MeasurementOptions measure{.sampled_rows = options.operands.sampled_rows,
                                   .period_ns = report.accelerator.period_ns};
  Progress progress("energies of layers", sampled.size());
  for (const CostLayer& layer : sampled) {
    measure_element(report.accelerator, layer.sample, measure);
    report.layers.push_back({layer.name, layer.counts,
                             layer_energy(layer.counts, report.accelerator.events, parameters),
                             energy_of_bits(count_operations(layer.problem), {})});
    progress.advance();
  }
  return report;
}

void add_network(CLI::App& parent) {
  CLI::App* command = parent.add_subcommand(
      "network",
      "Energy and time of a network's convolutions, layer by layer and component by component\n"
      "Example: mbm cost network --element pe/log2:w5 --layers decoder");
  auto options = std::make_shared<NetworkCostOptions>();
  auto layers = std::make_shared<std::string>("all");
  options->operands.sample = {.image = 0, .tiles = 4, .positions = 48};
  add_element_options(*command, *options);
  command->add_option("--layers", *layers, kLayersHelp)->capture_default_str();
  add_sample_options(*command, options->operands);
  command->callback([options, layers] {
    const NetworkCostReport report = network_cost(*options, *layers);
    put_result({network_cost_json(report).dump(2) + "\n", network_cost_text(report),
                network_cost_csv(report)},
               options->common.format, options->common.out);
  });
}

}  // namespace

void add_cost_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "cost",
      "Area, clock and energy from the netlist and the layer's own data\n"
      "Example: mbm cost area exact-dadda mbm");
  command->require_subcommand(1);
  add_area(*command);
  add_timing(*command);
  add_energy(*command);
  add_components(*command);
  add_network(*command);
  add_cost_compare(*command);
}

}  // namespace mbm
