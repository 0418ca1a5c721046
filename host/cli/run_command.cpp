// mbm run and mbm sweep: a network with approximate convolutions on images with measured depth.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format_option.hpp"
#include "host/cli/network_run.hpp"
#include "host/cli/platform_command.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/depth_picture.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/evaluation/study_runner.hpp"
#include "host/format/atomic_file.hpp"
#include "host/progress/progress.hpp"
#include "host/result/study_journal.hpp"
#include "host/result/study_result.hpp"

namespace mbm {
namespace {

struct RunOptions {
  StudyOptions study;
  std::vector<std::string> multipliers{"mbm"};
  std::string assignment;
  std::string layers;
  std::string images;
  std::size_t batch = 1;
  std::string engine = "cpu";
  std::string plan;
  bool profile = false;
  std::string format = "text";
  std::string out;
  std::size_t pictures = 4;
  BitWidths widths;
  NetworkRunOptions network;  // what only the integers and networks without depth need
};

void add_run_options(CLI::App& command, RunOptions& options, const std::string& layers_help) {
  add_study_options(command, options.study);
  add_multipliers_option(command, options.multipliers);
  add_assignment_option(command, options.assignment);
  command.add_option("--layers", options.layers, layers_help)->capture_default_str();
  command.add_option("--images", options.images,
                     "N (the first N) or A:B of the data (default: all)");
  command.add_option("--batch", options.batch, "Images a forward pass")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.add_option("--engine", options.engine, "Engine of the quantised layers")
      ->check(CLI::IsMember({"cpu", "reference"}))
      ->capture_default_str();
  command.add_option("--plan", options.plan,
                     fmt::format("Plan of the cpu engine for every quantised layer (default: the "
                                 "best one for each): {}",
                                 fmt::join(cpu_plans(), ", ")));
  command.add_flag("--profile", options.profile,
                   "Where the time goes, by stage and by layer, on standard error");
  add_format_option(command, options.format);
  command.add_option("--out", options.out,
                     "Folder for result.json, result.csv, pictures and the journal from which an "
                     "interrupted run continues");
  command
      .add_option("--pictures", options.pictures,
                  "Depth maps of the first N images as PNG (with --out)")
      ->capture_default_str();
  command.add_option("--multiplier-bits", options.widths.multiplier, "Operand width in E_w")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
  command.add_option("--accumulator-bits", options.widths.accumulator, "Accumulator width in E_w")
      ->check(CLI::Range(8, 64))
      ->capture_default_str();
}

std::unique_ptr<ConvolutionEngine> make_engine(const RunOptions& options, int threads) {
  if (options.engine == "reference") return std::make_unique<ReferenceEngine>();
  CpuEngineOptions engine;
  engine.threads = threads;
  engine.plan = options.plan;
  return make_cpu_engine(engine);
}

void save_pictures(const std::filesystem::path& folder, const DepthPictures& pictures) {
  write_rgb_png(folder / (pictures.image + "-panel.png"), depth_panel(pictures));
  const DepthScale scale = depth_scale(pictures);
  const nlohmann::json meaning = {{"nearest", scale.nearest},
                                  {"farthest", scale.farthest},
                                  {"largest_error", scale.largest_error},
                                  {"units", "m"}};
  write_file(folder / (pictures.image + "-panel.json"), meaning.dump(2) + "\n");
  write_gray16_png(folder / (pictures.image + "-depth.png"),
                   depth_millimetres(pictures.approximate));
}

void write_results(const StudyResult& result, const RunOptions& options, const std::string& table) {
  put_result({study_json(result), table, study_csv(result)}, options.format, options.out);
  if (options.out.empty()) return;
  fmt::print(stderr, "results: {}/result.json, .csv, .txt\n", options.out);
  if (options.pictures > 0) fmt::print(stderr, "depth maps: {}/depth/*.png\n", options.out);
}

NetworkRunOptions network_run_options(const RunOptions& options) {
  NetworkRunOptions result = options.network;
  result.multipliers = options.multipliers;
  result.layers = options.layers;
  result.images = options.images;
  result.batch = options.batch;
  result.format = options.format;
  result.out = options.out;
  result.widths = options.widths;
  result.make_engine = [options](int threads) { return make_engine(options, threads); };
  return result;
}

std::vector<StudyVariant> make_variants(const Network& network, const RunOptions& options,
                                        bool one_layer_at_a_time) {
  const std::vector<std::size_t> layers = parse_layers(network, options.layers);
  if (!one_layer_at_a_time) return {{options.layers, layers}};
  std::vector<StudyVariant> variants;
  for (const std::size_t layer : layers) {
    variants.push_back({network.layers()[layer].name, {layer}});
  }
  return variants;
}

// Evaluates what `pieces` lacks and adds it there and to the journal, if there is one.
void complete(const RunOptions& options, const StudyInputs& inputs,
              const std::vector<StudyVariant>& variants, std::vector<StudyMultiplier> multipliers,
              const std::vector<StudyColumn>& columns, const BatchPlan& plan,
              std::optional<StudyJournal>& journal, std::vector<StudyPiece>& pieces,
              Profile* profile) {
  const std::vector<StudyTask> tasks = remaining_tasks(plan, variants.size(), pieces);
  if (tasks.empty()) return;
  const StoredCalibration stored = calibrate(inputs, options.study, multipliers);
  const DepthStudy study(*inputs.network, inputs.parameters, stored.calibration, variants,
                         std::move(multipliers), columns);
  const std::size_t batches = (plan.last - plan.first + plan.size - 1) / plan.size;
  Progress progress(variants.size() == 1 ? "evaluating batches" : "evaluating batches x layers",
                    batches * variants.size(), pieces.size());
  const std::size_t pictures = options.out.empty() ? 0 : options.pictures;
  run_tasks(
      study, *inputs.network, *inputs.dataset, tasks,
      {thread_count(options.study), [&](int threads) { return make_engine(options, threads); },
       [&](StudyPiece piece) {
         if (journal) journal->append(piece);
         pieces.push_back(std::move(piece));
         progress.advance();
       },
       plan.first + pictures,
       [&](const DepthPictures& shown) {
         save_pictures(std::filesystem::path(options.out) / "depth", shown);
       },
       profile});
}

void evaluate(const RunOptions& options, bool one_layer_at_a_time) {
  if (options.engine != "cpu" && !options.plan.empty()) {
    fail(ErrorKind::usage, "--plan {}: engine {} has no plans, engine cpu has", options.plan,
         options.engine);
  }
  make_engine(options, 1);  // refuses a plan that there is not, before anything is read
  const StudyInputs inputs = load_study_inputs(options.study);
  const std::vector<StudyVariant> variants =
      make_variants(*inputs.network, options, one_layer_at_a_time);
  const IndexRange range = parse_range(options.images, inputs.dataset->size(), "--images");
  nlohmann::json configuration = inputs.description;
  std::vector<StudyMultiplier> multipliers = load_multipliers(options.multipliers, configuration);
  const std::vector<StudyColumn> columns =
      load_study_columns(*inputs.network, parse_layers(*inputs.network, options.layers),
                         options.assignment, multipliers, configuration);
  std::vector<std::string> names;
  for (const StudyColumn& column : columns) names.push_back(column.name);
  configuration["layers"] = options.layers;
  configuration["verb"] = one_layer_at_a_time ? "sweep" : "run";
  configuration["images_range"] = {range.first, range.last};
  configuration["batch"] = options.batch;
  configuration["engine"] = options.engine;
  if (!options.plan.empty()) configuration["plan"] = options.plan;
  configuration["bit_widths"] = {{"multiplier", options.widths.multiplier},
                                 {"accumulator", options.widths.accumulator}};

  std::optional<StudyJournal> journal;
  if (!options.out.empty()) {
    journal.emplace(std::filesystem::path(options.out) / "journal.jsonl", configuration);
  }
  std::vector<StudyPiece> pieces = journal ? journal->pieces() : std::vector<StudyPiece>{};
  const std::size_t done = pieces.size();
  Profile profile(*inputs.network);
  Stopwatch watch;
  complete(options, inputs, variants, std::move(multipliers), columns,
           {range.first, range.last, options.batch}, journal, pieces,
           options.profile ? &profile : nullptr);
  const double elapsed = watch.lap();
  const StudyResult result =
      make_study_result(configuration, *inputs.network, variants, pieces, names, options.widths);
  write_results(result, options, one_layer_at_a_time ? sweep_table(result) : run_table(result));
  if (!options.profile) return;
  std::size_t images = 0;
  for (std::size_t i = done; i < pieces.size(); ++i) images += pieces[i].images.size();
  fmt::print(stderr, "{}", profile.table(images, elapsed));
}

}  // namespace

void add_run_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "run",
      "A network with chosen layers approximate, beside float and the quantised control\n"
      "Examples: mbm run --layers all --multiplier mbm,mitchell+gain\n"
      "          mbm run --network lenet5 --weights lenet5.npz --data mnist --arithmetic integer");
  auto options = std::make_shared<RunOptions>();
  options->layers = "all";
  add_run_options(*command, *options, kLayersHelp);
  add_network_run_options(*command, options->network);
  command->callback([options] {
    if (is_network_run(options->network, options->study)) {
      run_network(network_run_options(*options), options->study);
    } else {
      evaluate(*options, false);
    }
  });
}

void add_sweep_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "sweep",
      "Each of the chosen layers in turn, resumable with --out; or the widths of the accumulators\n"
      "Examples: mbm sweep --layers decoder --multiplier mbm --out results/sweep\n"
      "          mbm sweep widths --network lenet5 --out results/widths");
  auto options = std::make_shared<RunOptions>();
  options->layers = "decoder";
  add_run_options(*command, *options, kLayersHelp);
  add_widths_command(*command);
  add_sweep_platform_command(*command);
  command->callback([options, command] {
    if (command->get_subcommands().empty()) evaluate(*options, true);
  });
}

}  // namespace mbm
