// mbm run and mbm sweep: a network with approximate convolutions on images with measured depth.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include "cmodel/common/error.hpp"
#include "cmodel/convolution/convolution_engine.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/network_run.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/depth_picture.hpp"
#include "host/evaluation/depth_study.hpp"
#include "host/format/atomic_file.hpp"
#include "host/progress/progress.hpp"
#include "host/result/study_journal.hpp"
#include "host/result/study_result.hpp"

namespace mbm {
namespace {

struct RunOptions {
  StudyOptions study;
  std::string layers;
  std::string images;
  std::size_t batch = 1;
  std::string engine = "cpu";
  std::string format = "text";
  std::string out;
  std::size_t pictures = 4;
  BitWidths widths;
  NetworkRunOptions network;  // what only the integers and networks without depth need
};

void add_run_options(CLI::App& command, RunOptions& options, const std::string& layers_help) {
  add_study_options(command, options.study);
  command.add_option("--layers", options.layers, layers_help)->capture_default_str();
  command.add_option("--images", options.images,
                     "N (the first N) or A:B of the data (default: all)");
  command.add_option("--batch", options.batch, "Images a forward pass")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.add_option("--engine", options.engine, "Engine of the quantised layers")
      ->check(CLI::IsMember({"cpu", "reference"}))
      ->capture_default_str();
  command.add_option("--format", options.format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
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
  return make_cpu_engine(threads);
}

void save_pictures(const std::filesystem::path& folder, const DepthPictures& pictures) {
  write_rgb_png(folder / (pictures.image + "-panel.png"), depth_panel(pictures));
  write_gray16_png(folder / (pictures.image + "-depth.png"),
                   depth_millimetres(pictures.approximate));
}

// The batches of a study that are left to do, evaluated several at a time: every worker computes
// its batch on one thread, which scales better than threads within a layer.
class BatchEvaluator {
 public:
  BatchEvaluator(const DepthStudy& study, const StudyInputs& inputs, const RunOptions& options,
                 IndexRange range)
      : study_(study), inputs_(inputs), options_(options), range_(range) {
    const std::size_t batches = (range.last - range.first + options.batch - 1) / options.batch;
    const auto threads = static_cast<std::size_t>(thread_count(options.study));
    const std::size_t workers = std::min(threads, batches);
    threads_per_worker_ = static_cast<int>(threads / workers);
    for (std::size_t i = 0; i < workers; ++i) {
      engines_.push_back(make_engine(options, threads_per_worker_));
    }
  }

  // Hands every finished piece to `keep`, in order. The first `done` images are left out.
  void run(std::size_t done, const std::function<void(StudyPiece)>& keep) {
    Progress progress("evaluating images", range_.last - range_.first, done);
    for (std::size_t next = range_.first + done; next < range_.last;) {
      std::vector<std::future<StudyPiece>> pieces;
      for (std::size_t worker = 0; worker < engines_.size() && next < range_.last; ++worker) {
        const std::size_t count = std::min(options_.batch, range_.last - next);
        pieces.push_back(start(worker, next, count));
        next += count;
      }
      for (std::future<StudyPiece>& piece : pieces) {
        StudyPiece finished = piece.get();
        const std::size_t images = finished.images.size();
        keep(std::move(finished));
        progress.advance(images);
      }
    }
  }

 private:
  std::future<StudyPiece> start(std::size_t worker, std::size_t first, std::size_t count) {
    DepthBatch batch = load_batch(*inputs_.network, *inputs_.dataset, first, count);
    const bool shown = !options_.out.empty() && first < range_.first + options_.pictures;
    return std::async(std::launch::async, [this, worker, shown, batch = std::move(batch)] {
      at::set_num_threads(threads_per_worker_);
      const auto show = [this](const DepthPictures& pictures) {
        save_pictures(std::filesystem::path(options_.out) / "depth", pictures);
      };
      return study_.evaluate(batch, *engines_[worker],
                             shown ? std::function<void(const DepthPictures&)>(show) : nullptr);
    });
  }

  const DepthStudy& study_;
  const StudyInputs& inputs_;
  const RunOptions& options_;
  IndexRange range_;
  int threads_per_worker_ = 1;
  std::vector<std::unique_ptr<ConvolutionEngine>> engines_;
};

void write_results(const StudyResult& result, const RunOptions& options, const std::string& table) {
  const std::string document = study_json(result).dump(2) + "\n";
  if (options.format == "json") {
    fmt::print("{}", document);
  } else {
    fmt::print("{}", options.format == "csv" ? study_csv(result) : table);
  }
  std::fflush(stdout);  // what follows on standard error belongs below it
  if (options.out.empty()) return;
  const std::filesystem::path folder = options.out;
  write_file(folder / "result.json", document);
  write_file(folder / "result.csv", study_csv(result));
  write_file(folder / "result.txt", table);
  fmt::print(stderr, "results: {}/result.json, .csv, .txt\n", options.out);
  if (options.pictures > 0) fmt::print(stderr, "depth maps: {}/depth/*.png\n", options.out);
}

NetworkRunOptions network_run_options(const RunOptions& options) {
  NetworkRunOptions result = options.network;
  result.layers = options.layers;
  result.images = options.images;
  result.batch = options.batch;
  result.format = options.format;
  result.out = options.out;
  result.widths = options.widths;
  result.make_engine = [options](int threads) { return make_engine(options, threads); };
  return result;
}

void evaluate(const RunOptions& options, bool one_layer_at_a_time) {
  const StudyInputs inputs = load_study_inputs(options.study);
  const std::vector<std::size_t> layers = parse_layers(*inputs.network, options.layers);
  const IndexRange range = parse_range(options.images, inputs.dataset->size(), "--images");
  std::vector<StudyVariant> variants;
  if (one_layer_at_a_time) {
    for (const std::size_t layer : layers) {
      variants.push_back({inputs.network->layers()[layer].name, {layer}});
    }
  } else {
    variants.push_back({options.layers, layers});
  }
  nlohmann::json configuration = inputs.description;
  configuration["layers"] = options.layers;
  configuration["verb"] = one_layer_at_a_time ? "sweep" : "run";
  configuration["images_range"] = {range.first, range.last};
  configuration["batch"] = options.batch;
  configuration["engine"] = options.engine;
  configuration["bit_widths"] = {{"multiplier", options.widths.multiplier},
                                 {"accumulator", options.widths.accumulator}};

  std::optional<StudyJournal> journal;
  if (!options.out.empty()) {
    journal.emplace(std::filesystem::path(options.out) / "journal.jsonl", configuration);
  }
  const Calibration calibration = calibrate(inputs, options.study);
  const DepthStudy study(*inputs.network, inputs.parameters, calibration, variants, inputs.table,
                         inputs.format);
  std::vector<StudyPiece> pieces = journal ? journal->pieces() : std::vector<StudyPiece>{};
  std::size_t done = 0;
  for (const StudyPiece& piece : pieces) done += piece.images.size();
  BatchEvaluator(study, inputs, options, range).run(done, [&](StudyPiece piece) {
    if (journal) journal->append(piece);
    pieces.push_back(std::move(piece));
  });
  const StudyResult result = make_study_result(configuration, *inputs.network, variants, pieces,
                                               inputs.table.name(), options.widths);
  write_results(result, options, one_layer_at_a_time ? sweep_table(result) : run_table(result));
}

}  // namespace

void add_run_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "run",
      "A network with chosen layers approximate, beside float and the quantised control\n"
      "Examples: mbm run --layers all --multiplier mbm\n"
      "          mbm run --network lenet5 --weights lenet5.npz --data mnist --arithmetic integer");
  auto options = std::make_shared<RunOptions>();
  options->layers = "all";
  add_run_options(*command, *options, "all, encoder, decoder, or names separated by commas");
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
      "Each of the chosen layers in turn, resumable with --out\n"
      "Example: mbm sweep --layers decoder --multiplier mbm --out results/sweep");
  auto options = std::make_shared<RunOptions>();
  options->layers = "decoder";
  add_run_options(*command, *options, "all, encoder, decoder, or names separated by commas");
  command->callback([options] { evaluate(*options, true); });
}

}  // namespace mbm
