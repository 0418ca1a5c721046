// mbm sweep widths: what the widths of the accumulators cost.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format_option.hpp"
#include "host/cli/network_run.hpp"
#include "host/cli/result_output.hpp"
#include "host/cli/study_options.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/sha256.hpp"
#include "host/inference/integer_inference.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/progress/progress.hpp"
#include "host/result/value_journal.hpp"
#include "host/result/width_result.hpp"

namespace mbm {
namespace {

constexpr std::size_t kBatch = 250;

struct WidthsOptions {
  StudyOptions study;
  IntegerOptions integer;
  std::string multiplier = "exact";
  std::string images;
  int fewest = kFewestAccumulatorBits;
  int most = kMostAccumulatorBits;
  std::string overflow = "saturate";
  std::string additions = "every";
  std::string order = "loop";
  int array_rows = 16;
  double tolerance = 0.001;
  std::string format = "text";
  std::string out;
};

AccumulatorLimit limit_of(const WidthsOptions& options) {
  AccumulatorLimit limit;
  limit.overflow = parse_accumulator_overflow(options.overflow);
  limit.additions = parse_limited_additions(options.additions);
  limit.order = parse_addition_order(options.order);
  limit.array_rows = options.array_rows;
  limit.bits = options.fewest;
  limit.validate();
  limit.bits = options.most;
  limit.validate();
  if (options.fewest > options.most) {
    fail(ErrorKind::usage, "--fewest-bits {} found, at most --most-bits {} expected",
         options.fewest, options.most);
  }
  return limit;
}

// Right answers by widths, those of an earlier run from its journal.
using RightAnswers = ValueJournal<AccumulatorWidths, std::int64_t>;

class WidthsRun {
 public:
  explicit WidthsRun(const WidthsOptions& options)
      : options_(options),
        limit_(limit_of(options)),
        inputs_(load_network_inputs(options.integer, options.study)),
        table_(resolve_product_table(options.multiplier)),
        engine_(make_cpu_engine(thread_count(options.study))) {
    const Network& network = inputs_.network();
    if (network.prediction() != Prediction::class_scores || inputs_.loaded.is_seeded) {
      fail(ErrorKind::usage, "network {}: accuracy by width is for networks that score classes",
           network.name());
    }
    range_ = parse_range(options.images, inputs_.size(), "--images");
    describe();
  }

  WidthResult run() {
    WidthStudy study = make_study();
    RightAnswers right_answers(
        options_.out, configuration_, {"bits", "right", "right answers of some widths"},
        [&](const AccumulatorWidths& widths) { return study.right_answers(widths); });
    WidthResult result;
    result.configuration = configuration_;
    result.network = inputs_.network().name();
    result.images = study.image_count();
    result.tolerance = options_.tolerance;
    result.fewest_bits = options_.fewest;
    result.problems = study.problems();
    const auto share = [&](std::int64_t right) {
      return static_cast<double>(right) / static_cast<double>(result.images);
    };
    const std::size_t layers = study.layers().size();
    const AccumulatorWidths unlimited(layers, kMostAccumulatorBits);
    const std::int64_t right = right_answers.value(unlimited);
    result.unlimited = share(right);
    sweep(right_answers, study, result);
    const auto enough =
        right - static_cast<std::int64_t>(options_.tolerance * static_cast<double>(result.images));
    {
      Progress progress("searching", 1);
      result.search = search_widths(
          layers, options_.fewest, options_.most, enough,
          [&](const AccumulatorWidths& widths) { return right_answers.value(widths); });
      progress.advance();
    }
    result.searched = share(result.search.right);
    Progress progress("recording sums", 1);
    result.sums = study.record_sums(thread_count(options_.study));
    progress.advance();
    return result;
  }

 private:
  void describe() {
    configuration_ = describe_inputs(inputs_, options_.study, true);
    configuration_.update({{"verb", "sweep widths"},
                           {"images_range", {range_.first, range_.last}},
                           {"multiplier", {{"name", table_.name()}}},
                           {"requantization", options_.integer.scaling},
                           {"requantization_rounding", options_.integer.rounding},
                           {"fewest_bits", options_.fewest},
                           {"most_bits", options_.most},
                           {"overflow", options_.overflow},
                           {"limited_additions", options_.additions},
                           {"order", options_.order},
                           {"tolerance", options_.tolerance}});
    if (options_.order == "array") configuration_["array_rows"] = options_.array_rows;
    if (const auto file = table_file_of(options_.multiplier)) {
      configuration_["multiplier"]["sha256"] = sha256_of_path(*file);
    }
  }

  // The network in integers, and the codes of all images.
  WidthStudy make_study() {
    const IntegerQuantization quantization =
        choose_quantization(options_.integer, options_.study, inputs_);
    const IntegerInference inference(inputs_.network(), inputs_.loaded.parameters, quantization,
                                     parse_layers(inputs_.network(), "all"));
    std::vector<WidthStudy::Images> batches;
    for (std::size_t first = range_.first; first < range_.last; first += kBatch) {
      const std::size_t count = std::min(kBatch, range_.last - first);
      batches.push_back({inference.input_codes(inputs_.data->inputs(first, count)),
                         static_cast<std::int64_t>(count)});
    }
    const IntegerNetwork& network = inference.compiled().network;
    const IntegerTensor output = network.tensors[network.output];
    const auto count_right = [this, output](std::size_t batch, const Codes& codes) {
      const std::size_t first = range_.first + batch * kBatch;
      const auto count = static_cast<std::int64_t>(codes.size()) / output.count();
      const auto answers = inputs_.data->answers(first, dequantize_tensor(codes, output, count));
      return static_cast<std::int64_t>(std::count_if(
          answers.begin(), answers.end(),
          [](const ClassAnswer& answer) { return answer.label == answer.predicted; }));
    };
    return WidthStudy(network, std::move(batches), count_right, table_, *engine_, limit_);
  }

  void sweep(RightAnswers& right_answers, const WidthStudy& study, WidthResult& result) {
    const std::size_t layers = study.layers().size();
    std::vector<std::string> names{"all"};
    names.insert(names.end(), study.layers().begin(), study.layers().end());
    const auto widths_of = [&](std::size_t curve, int bits) {
      if (curve == 0) return AccumulatorWidths(layers, bits);
      AccumulatorWidths widths(layers, kMostAccumulatorBits);
      widths[curve - 1] = bits;
      return widths;
    };
    std::size_t done = 0;
    for (std::size_t curve = 0; curve < names.size(); ++curve) {
      for (int bits = options_.fewest; bits <= options_.most; ++bits) {
        done += right_answers.knows(widths_of(curve, bits)) ? 1 : 0;
      }
    }
    const auto points = static_cast<std::size_t>(options_.most - options_.fewest + 1);
    Progress progress("evaluating widths", points * names.size(), done);
    for (std::size_t curve = 0; curve < names.size(); ++curve) {
      result.curves.push_back({names[curve], {}});
      for (int bits = options_.fewest; bits <= options_.most; ++bits) {
        const AccumulatorWidths widths = widths_of(curve, bits);
        const bool known = right_answers.knows(widths);
        const auto right = static_cast<double>(right_answers.value(widths));
        result.curves.back().accuracies.push_back(right / static_cast<double>(result.images));
        if (!known) progress.advance();
      }
    }
  }

  const WidthsOptions& options_;
  AccumulatorLimit limit_;
  NetworkInputs inputs_;
  ProductTable table_;
  std::unique_ptr<ConvolutionEngine> engine_;
  IndexRange range_{0, 0};
  nlohmann::json configuration_;
};

void sweep_widths(const WidthsOptions& options) {
  WidthsRun run(options);
  const WidthResult result = run.run();
  nlohmann::json document = width_json(result);
  document["command"] = result_command();
  put_result({document.dump(2) + "\n", width_table(result), width_csv(result)}, options.format,
             options.out);
  if (options.out.empty()) return;
  const std::filesystem::path folder = options.out;
  write_file(folder / "widths.svg", chart_file(width_chart(document)));
  write_file(folder / "sums.svg", chart_file(sums_chart(document)));
  fmt::print(stderr, "results: {}/result.json, .csv, .txt, widths.svg, sums.svg\n", options.out);
}

// Options that fell through to `mbm sweep` would be read and not heeded.
void refuse_options_of(const CLI::App& sweep) {
  for (const CLI::Option* option : sweep.get_options()) {
    if (option->count() > 0) {
      fail(ErrorKind::usage, "{}: not an option of mbm sweep widths", option->get_name());
    }
  }
}

void add_limit_options(CLI::App& command, WidthsOptions& options) {
  command.add_option("--fewest-bits", options.fewest, "The narrowest accumulator, 8 or more")
      ->capture_default_str();
  command.add_option("--most-bits", options.most, "The widest, at most 32")->capture_default_str();
  command
      .add_option("--overflow", options.overflow,
                  "Beyond the width: saturate, or wrap as two's complement")
      ->check(CLI::IsMember({"saturate", "wrap"}))
      ->capture_default_str();
  command
      .add_option("--limited-additions", options.additions,
                  "After every addition, as hardware does it, or once after the last, as the "
                  "LeNet-5 study's convolutions")
      ->check(CLI::IsMember({"every", "last"}))
      ->capture_default_str();
  command
      .add_option("--order", options.order,
                  "Of the additions: the reference loop's, or the array's, whose columns add a "
                  "chunk of operands exactly")
      ->check(CLI::IsMember({"loop", "array"}))
      ->capture_default_str();
  command.add_option("--array-rows", options.array_rows, "Operands of such a chunk")
      ->capture_default_str();
  command
      .add_option("--tolerance", options.tolerance,
                  "Share of the images that the smallest widths may lose")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

}  // namespace

void add_widths_command(CLI::App& sweep) {
  CLI::App* command = sweep.add_subcommand(
      "widths",
      "Accuracy by the width of the accumulators, for all layers and each alone; recorded sums; "
      "the\nsmallest widths; E_w. Resumable with --out\n"
      "Example: mbm sweep widths --network lenet5 --out results/widths");
  auto options = std::make_shared<WidthsOptions>();
  options->study.network = "lenet5";
  add_calibrating_study_options(*command, options->study);
  add_integer_options(*command, options->integer);
  command->add_option("--multiplier", options->multiplier, "Products of all layers")
      ->capture_default_str();
  command->add_option("--images", options->images,
                      "N (the first N) or A:B of the data (default: all)");
  add_limit_options(*command, *options);
  add_format_option(*command, options->format);
  command->add_option("--out", options->out,
                      "Folder for result.json, .csv, .txt, widths.svg, sums.svg and the journal "
                      "from which an interrupted sweep continues");
  command->callback([options, &sweep] {
    refuse_options_of(sweep);
    sweep_widths(*options);
  });
}

}  // namespace mbm
