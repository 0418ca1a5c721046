// mbm train
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "host/calibration/calibration_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/study_options.hpp"
#include "host/digits/digit_drawing.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/safetensors.hpp"
#include "host/format/sha256.hpp"
#include "host/multiplier/resolve.hpp"
#include "host/network/network.hpp"
#include "host/training/fine_tuned_network.hpp"
#include "host/training/trainer.hpp"
#include "host/training/validation.hpp"

namespace mbm {
namespace {

constexpr std::int64_t kDigitBatch = 64;  // where --batch is not given

struct TrainCommandOptions {
  std::string network = "densedepth-mobilenetv2-small";
  std::size_t rooms = 4000;
  std::size_t digits = 20000;
  std::filesystem::path data;
  std::size_t pictures = 0;  // of the data; 0: all
  std::size_t validation_rooms = 32;
  std::size_t validation_digits = 1000;
  std::uint64_t validation_seed = 1000000;
  TrainingOptions training;
  // Of training that begins from weights:
  std::string weights;
  std::string layers = "all";
  std::string multiplier;
  CalibrationOptions operands;
  std::filesystem::path calibration_out;

  std::filesystem::path out;
  std::filesystem::path checkpoint;
  std::int64_t stage_steps = 250;
  int threads = 1;
};

bool scores_classes(const Network& network) {
  return network.prediction() == Prediction::class_scores;
}

// As many digits as the options ask for, spread evenly.
Digits spread(const Digits& digits, const TrainCommandOptions& options) {
  const std::int64_t all = digits.labels.numel();
  const auto count = static_cast<std::int64_t>(options.pictures);
  if (count == 0) return digits;
  if (count > all) {
    fail(ErrorKind::usage, "{} pictures asked for, {} has {}", count, options.data.string(), all);
  }
  const at::Tensor indices =
      at::floor_divide(at::arange(count, at::kLong) * all, at::scalar_tensor(count, at::kLong));
  return {digits.images.index_select(0, indices), digits.labels.index_select(0, indices)};
}

std::unique_ptr<TrainingSource> make_source(const TrainCommandOptions& options,
                                            const Network& network) {
  if (scores_classes(network)) {
    if (options.data.empty()) {
      return make_digits_source(
          network, drawn_digits(options.digits, options.training.seed),
          fmt::format("drawn digits version {}, {} from seed {}", digits::kDigitsVersion,
                      options.digits, options.training.seed));
    }
    const Digits digits = spread(read_digits(options.data, DigitsPart::training), options);
    return make_digits_source(
        network, digits,
        fmt::format("folder {}, {} digits", options.data.string(), digits.labels.numel()));
  }
  if (!options.data.empty()) {
    return make_folder_source(options.data, network.input_height(), network.input_width(),
                              options.pictures);
  }
  if (network.input_height() != 240 || network.input_width() != 320) {
    fail(ErrorKind::usage, "network {} takes pictures of {}x{}, rooms are 240x320: give --data",
         network.name(), network.input_height(), network.input_width());
  }
  return make_rooms_source(options.rooms, options.training.seed);
}

// What is printed about a network after a stage, measured on pictures that it does not train on.
using Validation = std::function<std::string(const TrainableNetwork&)>;

Validation make_validation(const TrainCommandOptions& options, const Network& network) {
  if (scores_classes(network)) {
    Digits digits = options.data.empty()
                        ? drawn_digits(options.validation_digits, options.validation_seed)
                        : read_digits(options.data, DigitsPart::test);
    const auto count = static_cast<std::int64_t>(options.validation_digits);
    digits = {digits.images.slice(0, 0, count), digits.labels.slice(0, 0, count)};
    return [&network, digits](const TrainableNetwork& model) {
      return fmt::format("accuracy {:.4f}  ", digit_accuracy(model, network, digits));
    };
  }
  if (!options.data.empty()) return [](const TrainableNetwork&) { return std::string(); };
  const std::shared_ptr<DepthTrainingSource> rooms =
      make_rooms_source(options.validation_rooms, options.validation_seed);
  return [rooms](const TrainableNetwork& model) {
    const DepthMetrics metrics = validate(model, *rooms);
    std::string remark;
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      remark += fmt::format("{} {:.4f}  ", kDepthMetricNames[metric], metrics[metric]);
    }
    return remark;
  };
}

// One line a stage on standard error.
class StageReport {
 public:
  explicit StageReport(const Trainer& trainer) : first_step_(trainer.steps_done()) {}

  void add(double loss) {
    loss_sum_ += loss;
    ++losses_;
  }

  void print(const Trainer& trainer, const std::string& remark) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
    const double pace = spent.count() / static_cast<double>(trainer.steps_done() - first_step_);
    const auto left =
        static_cast<long>(pace * static_cast<double>(trainer.total_steps() - trainer.steps_done()));
    fmt::print(stderr, "step {}/{}  loss {:.4f}  {:.3f} s/step  {}{}:{:02}:{:02} left\n",
               trainer.steps_done(), trainer.total_steps(),
               loss_sum_ / static_cast<double>(losses_), pace, remark, left / 3600, left / 60 % 60,
               left % 60);
    loss_sum_ = 0;
    losses_ = 0;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::int64_t first_step_;
  double loss_sum_ = 0;
  std::int64_t losses_ = 0;
};

void end_stage(const Trainer& trainer, const Validation& validation, StageReport& report,
               const std::filesystem::path& checkpoint) {
  if (!checkpoint.empty()) trainer.save_checkpoint(checkpoint);
  report.print(trainer, validation(trainer.model()));
}

// The command that makes these weights anew, for their file.
std::string command_line(const TrainCommandOptions& options, const Network& network) {
  const std::string drawn = scores_classes(network) ? fmt::format("--digits {}", options.digits)
                                                    : fmt::format("--rooms {}", options.rooms);
  const std::string pictures =
      options.data.empty()
          ? drawn
          : fmt::format("--data {} --pictures {}", options.data.string(), options.pictures);
  const TrainingOptions& training = options.training;
  std::string line = fmt::format(
      "mbm train --network {} {} --epochs {} --batch {} --learning-rate {} --weight-decay {} "
      "--seed {} --threads {}",
      options.network, pictures, training.epochs, training.batch_size, training.learning_rate,
      training.weight_decay, training.seed, options.threads);
  if (options.weights.empty()) return line;
  line += fmt::format(" --weights {} --layers {}", options.weights, options.layers);
  if (options.multiplier.empty()) return line;
  return line + fmt::format(" --multiplier {} --operand-format {} --weight-scales {}",
                            options.multiplier, options.operands.operand_format,
                            options.operands.weight_scales);
}

// What is trained: a network from scratch, or one that begins from weights.
struct TrainingStart {
  std::unique_ptr<const Network> network;
  std::unique_ptr<FineTunedNetwork> model;  // null: from scratch
  nlohmann::json weights;
};

TrainingStart make_start(const TrainCommandOptions& options) {
  if (options.weights.empty()) {
    if (!options.multiplier.empty() || options.layers != "all") {
      fail(ErrorKind::usage,
           "--multiplier and --layers are for a network that begins from --weights");
    }
    return {make_network(options.network), nullptr, {}};
  }
  LoadedNetwork loaded = load_network({.network = options.network, .weights = options.weights});
  FineTuningOptions tuning;
  tuning.layers = parse_layers(*loaded.network, options.layers);
  if (!options.multiplier.empty()) tuning.table = resolve_product_table(options.multiplier);
  tuning.scheme = parse_scheme(options.operands);
  tuning.threads = options.threads;
  auto model = std::make_unique<FineTunedNetwork>(*loaded.network, std::move(loaded.parameters),
                                                  std::move(tuning));
  return {std::move(loaded.network), std::move(model), std::move(loaded.weights)};
}

// Scales for mbm run, bound to the weights that were just written.
void write_calibration(const TrainCommandOptions& options, const Network& network,
                       const FineTunedNetwork& model) {
  const nlohmann::json inputs = {{"weights",
                                  {{"file", options.out.filename().string()},
                                   {"sha256", sha256_of_file(options.out.string())}}}};
  const nlohmann::json document = calibration_json(network, {model.calibration(), {}}, inputs);
  write_file(options.calibration_out, document.dump(1) + "\n");
}

void check_outputs(const TrainCommandOptions& options) {
  for (const std::filesystem::path& path : {options.out, options.calibration_out}) {
    if (!path.empty() && std::filesystem::exists(path)) {
      fail(ErrorKind::usage, "{} exists; choose another --out", path.string());
    }
  }
  if (!options.calibration_out.empty() && options.weights.empty()) {
    fail(ErrorKind::usage, "--calibration-out is for a network that begins from --weights");
  }
}

void train(TrainCommandOptions options, bool batch_given) {
  check_outputs(options);
  at::set_num_threads(options.threads);
  TrainingStart start = make_start(options);
  const Network& network = *start.network;
  if (!batch_given && scores_classes(network)) options.training.batch_size = kDigitBatch;
  if (!start.weights.is_null()) options.training.start = start.weights.at("sha256");
  const auto source = make_source(options, network);
  const Validation validation = make_validation(options, network);
  const FineTunedNetwork* fine_tuned = start.model.get();
  Trainer trainer = fine_tuned == nullptr
                        ? Trainer(network, *source, options.training)
                        : Trainer(network, *source, options.training, std::move(start.model));
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    trainer.resume(options.checkpoint);
    fmt::print(stderr, "resumed {} at step {}\n", options.checkpoint.string(),
               trainer.steps_done());
  }
  fmt::print(stderr, "training {} on {}, seed {}\n", network.name(), source->description(),
             options.training.seed);
  StageReport report(trainer);
  while (trainer.steps_done() < trainer.total_steps()) {
    report.add(trainer.advance());
    const bool last = trainer.steps_done() == trainer.total_steps();
    if (last || trainer.steps_done() % options.stage_steps == 0) {
      end_stage(trainer, validation, report, options.checkpoint);
    }
  }
  auto provenance = trainer.provenance();
  provenance["command"] = command_line(options, network);
  write_safetensors(options.out, trainer.model().fold(), provenance);
  if (!options.calibration_out.empty()) write_calibration(options, network, *fine_tuned);
}

}  // namespace

void add_train_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "train",
      "Trains a network and writes its weights: from scratch, or further from --weights with\n"
      "approximate products in the forward pass\n"
      "Examples: mbm train --rooms 4000 --checkpoint checkpoint.safetensors --out w.safetensors\n"
      "          mbm train --network lenet5 --data mnist --epochs 4 --out lenet5.safetensors\n"
      "          mbm train --network lenet5 --data mnist --weights lenet5.safetensors "
      "--multiplier drum:3\n"
      "            --epochs 2 --learning-rate 0.001 --out qat.safetensors --calibration-out "
      "qat.json");
  auto options = std::make_shared<TrainCommandOptions>();
  const auto add = [command](const std::string& name, auto& value, const std::string& text) {
    return command->add_option(name, value, text)->capture_default_str();
  };
  add("--network", options->network, "Network to train");
  CLI::Option* rooms =
      add("--rooms", options->rooms, "Number of generated rooms, of the seeds from --seed")
          ->check(CLI::Range(1, 1000000));
  CLI::Option* digits =
      add("--digits", options->digits, "Number of drawn digits, of the seeds from --seed")
          ->check(CLI::Range(1, 1000000));
  command
      ->add_option("--data", options->data,
                   "Folder of pictures with depth, or of MNIST's files, instead of drawn ones")
      ->excludes(rooms)
      ->excludes(digits);
  add("--pictures", options->pictures, "Pictures of --data to train on, spread evenly; 0: all");
  add("--validation-rooms", options->validation_rooms, "Rooms to validate with after each stage")
      ->check(CLI::Range(1, 10000));
  add("--validation-digits", options->validation_digits,
      "Digits to validate with, drawn or the first of the test part of --data")
      ->check(CLI::Range(1, 100000));
  add("--validation-seed", options->validation_seed, "Seed of the first of them");
  add("--epochs", options->training.epochs, "Times that every picture is seen");
  CLI::Option* batch = add("--batch", options->training.batch_size,
                           fmt::format("Pictures per step (digits: {})", kDigitBatch));
  add("--learning-rate", options->training.learning_rate, "Highest learning rate of the cycle");
  add("--weight-decay", options->training.weight_decay, "Weight decay of AdamW");
  add("--seed", options->training.seed, "Seed of pictures, weights, order and alterations");
  add("--stage", options->stage_steps, "Steps between progress lines, validations and checkpoints")
      ->check(CLI::Range(1, 1000000));
  add("--threads", options->threads, "Threads")->check(CLI::Range(1, 1024));
  command->add_option("--weights", options->weights,
                      "Weights to begin from (default: random ones)");
  add("--layers", options->layers,
      "Layers that learn, of a network with --weights: all, encoder, decoder, or names");
  command->add_option("--multiplier", options->multiplier,
                      "Products of those layers in the forward pass (default: float)");
  add_operand_options(*command, options->operands);
  command->add_option("--calibration-out", options->calibration_out,
                      "Scales of the trained layers, a file for 'mbm run --calibration'");
  command->add_option("--checkpoint", options->checkpoint,
                      "Kept after every stage; a training that it belongs to is resumed");
  command->add_option("--out", options->out, "Weights file to write (safetensors)")->required();
  command->callback([options, batch] { train(*options, batch->count() > 0); });
}

}  // namespace mbm
