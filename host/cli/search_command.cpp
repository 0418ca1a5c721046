// mbm search: a multiplier for every layer under an accuracy budget.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "cmodel/common/error.hpp"
#include "cmodel/energy/operation_counts.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/evaluation/layer_search.hpp"
#include "host/evaluation/parallel_images.hpp"
#include "host/progress/progress.hpp"
#include "host/result/search_result.hpp"
#include "host/result/study_result.hpp"
#include "host/result/value_journal.hpp"

namespace mbm {
namespace {

struct SearchOptions {
  StudyOptions study;
  std::vector<std::string> candidates{"exact=8", "mbm+affine=8", "log2:w5+affine=5"};
  std::string layers = "all";
  std::string images = "8";
  double budget = 1.0;
  std::size_t refinements = 30;
  std::string format = "text";
  std::string out;
};

// "NAME=BITS": a multiplier and the operand width that its cost is counted with.
std::pair<std::string, int> parse_candidate(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return {text, BitWidths{}.multiplier};
  int bits = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + equals + 1, end, bits);
  if (error != std::errc() || parsed != end || bits < 1 || bits > 32) {
    fail(ErrorKind::usage, "--candidates: '{}' found, NAME=BITS with 1..32 bits expected", text);
  }
  return {text.substr(0, equals), bits};
}

// The images of the search with their float passes, which every evaluation starts from.
struct SearchImage {
  DepthBatch batch;
  at::Tensor input;
  FloatPass float_pass;
};

class SearchEvaluator {
 public:
  SearchEvaluator(const StudyInputs& inputs, const SearchOptions& options,
                  const MixedNetwork& network, const std::vector<std::size_t>& layers,
                  const std::vector<StudyMultiplier>& columns)
      : network_(network),
        layers_(layers),
        columns_(columns),
        threads_(thread_count(options.study)) {
    const IndexRange range = parse_range(options.images, inputs.dataset->size(), "--images");
    for (std::size_t i = range.first; i < range.last; ++i) {
      SearchImage image{load_batch(*inputs.network, *inputs.dataset, i, 1), {}, {}};
      image.input = network_inputs(*inputs.network, image.batch);
      image.float_pass = run_float(*inputs.network, inputs.parameters, image.input);
      const auto maps = depth_maps(image.float_pass.prediction, image.batch);
      float_metrics_.push_back(batch_metrics(image.batch, maps).front());
      images_.push_back(std::move(image));
    }
    for (int i = 0; i < threads_; ++i) engines_.push_back(make_cpu_engine(1));
  }

  std::size_t images() const { return images_.size(); }

  // Largest change of one of the six metrics against float, in percent. `chosen` gives a candidate
  // for each of the layers, or -1 for float.
  double loss(const std::vector<int>& chosen) {
    NetworkProducts products(network_.layers().size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i] < 0) continue;
      const StudyMultiplier& column = columns_[static_cast<std::size_t>(chosen[i])];
      products[layers_[i]] = {&column.table,
                              column.correction ? &column.correction->layers[layers_[i]] : nullptr};
    }
    std::vector<DepthMetrics> metrics;
    for_each_image(
        images_.size(), threads_, [](std::size_t i) { return i; },
        [&](std::size_t i) {
          const SearchImage& image = images_[i];
          const MixedPass pass =
              network_.run(image.input, image.float_pass, products, *engines_[i % engines_.size()]);
          return batch_metrics(image.batch, depth_maps(pass.prediction, image.batch)).front();
        },
        [&](const DepthMetrics& image) { metrics.push_back(image); });
    const Deviation change = deviation(metrics, float_metrics_);
    double largest = 0.0;
    for (const double percent : change.percent) largest = std::max(largest, std::abs(percent));
    return largest;
  }

 private:
  const MixedNetwork& network_;
  const std::vector<std::size_t>& layers_;
  const std::vector<StudyMultiplier>& columns_;
  int threads_;
  std::vector<SearchImage> images_;
  std::vector<DepthMetrics> float_metrics_;
  std::vector<std::unique_ptr<ConvolutionEngine>> engines_;
};

using Losses = ValueJournal<std::vector<int>, double>;

std::vector<std::vector<double>> measure_sensitivity(Losses& losses, std::size_t layers,
                                                     std::size_t candidates) {
  Progress progress("measuring sensitivities", layers * candidates);
  std::vector<std::vector<double>> sensitivity(layers);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    for (std::size_t candidate = 0; candidate < candidates; ++candidate) {
      std::vector<int> chosen(layers, -1);
      chosen[layer] = static_cast<int>(candidate);
      sensitivity[layer].push_back(losses.value(chosen));
      progress.advance();
    }
  }
  return sensitivity;
}

SearchStudy search(const SearchOptions& options) {
  StudyInputs inputs = load_study_inputs(options.study);
  const std::vector<std::size_t> layers = parse_layers(*inputs.network, options.layers);
  SearchStudy study;
  study.configuration = inputs.description;
  std::vector<std::string> names;
  std::vector<int> bits;
  for (const std::string& text : options.candidates) {
    const auto [name, width] = parse_candidate(text);
    names.push_back(name);
    bits.push_back(width);
  }
  std::vector<StudyMultiplier> columns = load_multipliers(names, study.configuration);
  study.configuration["verb"] = "search";
  study.configuration["candidates"] = options.candidates;
  study.configuration["budget_percent"] = options.budget;
  study.configuration["layers_chosen"] = options.layers;
  const StoredCalibration stored = calibrate(inputs, options.study, columns);
  const MixedNetwork network(*inputs.network, inputs.parameters, stored.calibration);
  nlohmann::json journaled = study.configuration;  // what a loss depends on, and no more
  journaled.erase("budget_percent");
  journaled["images"] = options.images;
  SearchEvaluator evaluator(inputs, options, network, layers, columns);
  Losses losses(options.out, journaled, {"chosen", "loss", "the loss of some choice"},
                [&](const std::vector<int>& chosen) { return evaluator.loss(chosen); });
  study.network = inputs.network->name();
  study.images = evaluator.images();
  study.budget = options.budget;
  for (const std::size_t layer : layers) {
    study.layer_names.push_back(inputs.network->layers()[layer].name);
  }
  study.problem.layers = layers.size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    SearchCandidate candidate{columns[c].name, {}};
    for (const std::size_t layer : layers) {
      BitWidths widths;
      widths.multiplier = bits[c];
      candidate.cost.push_back(
          energy_of_bits(count_operations(inputs.network->layers()[layer].problem), widths));
    }
    study.problem.candidates.push_back(std::move(candidate));
  }
  study.problem.sensitivity = measure_sensitivity(losses, layers.size(), columns.size());
  Progress progress("evaluating assignments", options.refinements);
  study.problem.loss = [&](const Assignment& assignment) {
    progress.advance();
    return losses.value({assignment.begin(), assignment.end()});
  };
  study.result = search_assignment(study.problem, options.budget, options.refinements);
  study.problem.loss = nullptr;  // it refers to what ends here
  return study;
}

void report(const SearchOptions& options) {
  const SearchStudy study = search(options);
  put_result({search_json(study).dump(2) + "\n", search_table(study), {}}, options.format,
             options.out);
  if (!study.result.found) {
    fail(ErrorKind::mismatch, "no assignment within {} % was found", options.budget);
  }
}

}  // namespace

void add_search_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "search",
      "A multiplier for each layer, the cheapest that keeps all six metrics within a budget of "
      "float,\n"
      "and the Pareto set of accuracy against cost\n"
      "Example: mbm search --layers decoder --candidates exact=8,log2:w5+affine=5 --budget 1");
  auto options = std::make_shared<SearchOptions>();
  add_study_options(*command, options->study);
  command
      ->add_option("--candidates", options->candidates,
                   "Multipliers, separated by commas, each NAME=BITS: BITS is the operand width in "
                   "the cost E_w = products * BITS^2 + additions * 32; default 8")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--layers", options->layers, kLayersHelp)->capture_default_str();
  command->add_option("--images", options->images, "N (the first N) or A:B of the data")
      ->capture_default_str();
  command
      ->add_option("--budget", options->budget,
                   "Largest change of any of the six metrics against float, in percent")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--refinements", options->refinements,
                   "Evaluations after the greedy choice, of one more layer each")
      ->capture_default_str();
  command->add_option("--format", options->format, "What standard output gets")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_option(
      "--out", options->out,
      "Folder for result.json, result.txt and the journal from which an interrupted "
      "search continues");
  command->callback([options] { report(*options); });
}

}  // namespace mbm
