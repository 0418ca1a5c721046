// mbm train
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "cmodel/common/error.hpp"
#include "host/cli/commands.hpp"
#include "host/format/safetensors.hpp"
#include "host/network/network.hpp"
#include "host/training/trainer.hpp"
#include "host/training/validation.hpp"

namespace mbm {
namespace {

struct TrainCommandOptions {
  std::string network = "densedepth-mobilenetv2-small";
  std::size_t rooms = 4000;
  std::filesystem::path data;
  std::size_t validation_rooms = 32;
  std::uint64_t validation_seed = 1000000;
  TrainingOptions training;
  std::filesystem::path out;
  std::filesystem::path checkpoint;
  std::int64_t stage_steps = 250;
  int threads = 1;
};

std::unique_ptr<TrainingSource> make_source(const TrainCommandOptions& options,
                                            const Network& network) {
  if (!options.data.empty()) {
    return make_folder_source(options.data, network.input_height(), network.input_width());
  }
  if (network.input_height() != 240 || network.input_width() != 320) {
    fail(ErrorKind::usage, "network {} takes pictures of {}x{}, rooms are 240x320: give --data",
         network.name(), network.input_height(), network.input_width());
  }
  return make_rooms_source(options.rooms, options.training.seed);
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

void end_stage(const Trainer& trainer, TrainingSource* validation, StageReport& report,
               const std::filesystem::path& checkpoint) {
  if (!checkpoint.empty()) trainer.save_checkpoint(checkpoint);
  std::string remark;
  if (validation != nullptr) {
    const DepthMetrics metrics = validate(trainer.model(), *validation);
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      remark += fmt::format("{} {:.4f}  ", kDepthMetricNames[metric], metrics[metric]);
    }
  }
  report.print(trainer, remark);
}

// The command that makes these weights anew, for their file.
std::string command_line(const TrainCommandOptions& options) {
  const std::string pictures = options.data.empty()
                                   ? fmt::format("--rooms {}", options.rooms)
                                   : fmt::format("--data {}", options.data.string());
  const TrainingOptions& training = options.training;
  return fmt::format(
      "mbm train --network {} {} --epochs {} --batch {} --learning-rate {} --weight-decay {} "
      "--seed {} --threads {}",
      options.network, pictures, training.epochs, training.batch_size, training.learning_rate,
      training.weight_decay, training.seed, options.threads);
}

void train(const TrainCommandOptions& options) {
  if (std::filesystem::exists(options.out)) {
    fail(ErrorKind::usage, "{} exists; choose another --out", options.out.string());
  }
  at::set_num_threads(options.threads);
  const auto network = make_network(options.network);
  const auto source = make_source(options, *network);
  const auto validation = options.data.empty()
                              ? make_rooms_source(options.validation_rooms, options.validation_seed)
                              : nullptr;
  Trainer trainer(*network, *source, options.training);
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    trainer.resume(options.checkpoint);
    fmt::print(stderr, "resumed {} at step {}\n", options.checkpoint.string(),
               trainer.steps_done());
  }
  fmt::print(stderr, "training {} on {}, seed {}\n", network->name(), source->description(),
             options.training.seed);
  StageReport report(trainer);
  while (trainer.steps_done() < trainer.total_steps()) {
    report.add(trainer.advance());
    const bool last = trainer.steps_done() == trainer.total_steps();
    if (last || trainer.steps_done() % options.stage_steps == 0) {
      end_stage(trainer, validation.get(), report, options.checkpoint);
    }
  }
  auto provenance = trainer.provenance();
  provenance["command"] = command_line(options);
  write_safetensors(options.out, trainer.model().fold(), provenance);
}

}  // namespace

void add_train_command(CLI::App& application) {
  CLI::App* command = application.add_subcommand(
      "train",
      "Trains a depth network and writes its weights, batch normalisation folded in\n"
      "Example: mbm train --rooms 4000 --seed 1 --checkpoint checkpoint.safetensors --out "
      "weights.safetensors");
  auto options = std::make_shared<TrainCommandOptions>();
  const auto add = [command](const std::string& name, auto& value, const std::string& text) {
    return command->add_option(name, value, text)->capture_default_str();
  };
  add("--network", options->network, "Network to train");
  CLI::Option* rooms =
      add("--rooms", options->rooms, "Number of generated rooms, of the seeds from --seed")
          ->check(CLI::Range(1, 1000000));
  command->add_option("--data", options->data, "Folder of pictures instead of generated rooms")
      ->excludes(rooms);
  add("--validation-rooms", options->validation_rooms, "Rooms to validate with after each stage")
      ->check(CLI::Range(1, 10000));
  add("--validation-seed", options->validation_seed, "Seed of the first of them");
  add("--epochs", options->training.epochs, "Times that every picture is seen");
  add("--batch", options->training.batch_size, "Pictures per step");
  add("--learning-rate", options->training.learning_rate, "Highest learning rate of the cycle");
  add("--weight-decay", options->training.weight_decay, "Weight decay of AdamW");
  add("--seed", options->training.seed, "Seed of rooms, weights, order and alterations");
  add("--stage", options->stage_steps, "Steps between progress lines, validations and checkpoints")
      ->check(CLI::Range(1, 1000000));
  add("--threads", options->threads, "Threads")->check(CLI::Range(1, 1024));
  command->add_option("--checkpoint", options->checkpoint,
                      "Kept after every stage; a training that it belongs to is resumed");
  command->add_option("--out", options->out, "Weights file to write (safetensors)")->required();
  command->callback([options] { train(*options); });
}

}  // namespace mbm
